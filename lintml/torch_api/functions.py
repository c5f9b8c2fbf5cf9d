"""The shapes of torch's functions: a table, one entry an operator, in the notation of ``lintml.shapes.signature``."""

from typing import Final

LINES: Final = """
torch.exp|exp2|expm1|log|log2|log10|log1p|sqrt|rsqrt|sin|cos|tan|sinh|cosh|tanh|asin|acos|atan|asinh|acosh|atanh|arcsin
        |arccos|arctan|arcsinh|arccosh|arctanh|sigmoid|erf|erfc|erfinv|lgamma|digamma|sinc|reciprocal|i0|deg2rad
        |rad2deg(input)
    *s -> *s :float
torch.abs|absolute|neg|negative|positive|sign|sgn|ceil|floor|trunc|fix|frac|square|relu|conj|conj_physical
        |resolve_conj|resolve_neg|clone|detach|real|bitwise_not|poisson|angle|imag(input)
    *s -> *s
torch.round(input, decimals=0) *s -> *s
torch.nan_to_num(input, nan=0.0, posinf=None, neginf=None) *s -> *s
torch.bernoulli(input, p=None) *s -> *s
torch.logit(input, eps=None) *s -> *s :float
torch.mvlgamma(input, p) *s -> *s :float
torch.polygamma(n, input) input: *s -> *s :float
torch.isnan|isinf|isfinite|isposinf|isneginf|isreal|signbit|logical_not(input) *s -> *s :bool
torch.clamp|clip(input, min=None, max=None) !elementwise.elementwise
torch.clamp_min(input, min) #*s, #*s -> *s
torch.clamp_max(input, max) #*s, #*s -> *s
torch.threshold(input, threshold, value) *s -> *s
torch.celu|selu(input, alpha=1.0) *s -> *s
torch.rrelu(input, lower=0.125, upper=0.3333333333333333, training=False) *s -> *s
torch.hardshrink(input, lambd=0.5) *s -> *s
torch.prelu(input, weight) *x, *w !normalization.slopes
torch.dropout(input, p, train) *s -> *s
torch.alpha_dropout|feature_dropout|feature_alpha_dropout(input, p, train) *s -> *s

torch.add|sub|subtract(input, other, alpha=1) #*s, #*s -> *s
torch.rsub(input, other, alpha=1) #*s, #*s -> *s
torch.mul|multiply|floor_divide|remainder|fmod|maximum|minimum|fmax|fmin|hypot|copysign|nextafter|logaddexp|logaddexp2
        |ldexp|xlogy|gcd|lcm|bitwise_and|bitwise_or|bitwise_xor|bitwise_left_shift|bitwise_right_shift(input, other)
    #*s, #*s -> *s
torch.div|divide(input, other, rounding_mode=None) #*s, #*s -> *s
torch.true_divide|atan2|arctan2(input, other) #*s, #*s -> *s :float
torch.heaviside(input, values) #*s, #*s -> *s
torch.pow|float_power(input, exponent) #*s, #*s -> *s
torch.eq|ne|lt|le|gt|ge|not_equal|less|less_equal|greater|greater_equal|logical_and|logical_or|logical_xor(input, other)
    #*s, #*s -> *s :bool
torch.isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False) #*s, #*s -> *s :bool
torch.isin(elements, test_elements) *s, *t -> *s :bool
torch.lerp(input, end, weight) #*s, #*s, #*s -> *s
torch.addcmul|addcdiv(input, tensor1, tensor2, value=1) #*s, #*s, #*s -> *s
torch.dist(input, other, p=2) #*s, #*s -> () :float
torch.where(condition, input=None, other=None) !elementwise.where
torch.masked_fill(input, mask, value) #*s, #*s :bool -> *s
torch.masked_scatter(input, mask, source) #*s, #*s :bool -> *s
torch.masked_select(input, mask) #*s, #*s :bool -> _
torch.polar(abs, angle) #*s, #*s -> *s :complex
torch.complex(real, imag) #*s, #*s -> *s :complex
torch.view_as_real(input) *s -> *s 2 :float
torch.view_as_complex(input) *s 2 -> *s :complex

torch.sum|nansum(input, dim=None, keepdim=False, dtype=None) *s -> reduce(s,dim,keepdim)
torch.mean|nanmean(input, dim=None, keepdim=False, dtype=None) *s -> reduce(s,dim,keepdim) :float
torch.prod(input, dim=None, keepdim=False, dtype=None) *s -> reduce(s,dim,keepdim)
torch.std|var(input, dim=None, unbiased=True, keepdim=False, correction=1) *s -> reduce(s,dim,keepdim) :float
torch.std_mean|var_mean(input, dim=None, unbiased=True, keepdim=False, correction=1)
    *s -> reduce(s,dim,keepdim) :float, reduce(s,dim,keepdim) :float
torch.amax|amin(input, dim=(), keepdim=False) *s -> reduce(s,dim,keepdim)
torch.argmax|argmin(input, dim=None, keepdim=False) *s -> reduce(s,dim,keepdim) :index
torch.all|any(input, dim=None, keepdim=False) *s -> reduce(s,dim,keepdim) :bool
torch.count_nonzero(input, dim=None) *s -> reduce(s,dim,False) :index
torch.logsumexp(input, dim, keepdim=False) *s -> reduce(s,dim,keepdim) :float
torch.norm(input, p='fro', dim=None, keepdim=False, out=None, dtype=None) *s -> reduce(s,dim,keepdim) :float
torch.max|min|median|nanmedian(input, dim=None, keepdim=False) !extremes.extreme
torch.aminmax(input, dim=None, keepdim=False) *s -> reduce(s,dim,keepdim), reduce(s,dim,keepdim)
torch.mode(input, dim=-1, keepdim=False) *s -> reduce(s,dim,keepdim), reduce(s,dim,keepdim) :index
torch.kthvalue(input, k, dim=-1, keepdim=False) *s -> reduce(s,dim,keepdim), reduce(s,dim,keepdim) :index
torch.quantile|nanquantile(input, q, dim=None, keepdim=False, interpolation='linear') *x, *q !extremes.quantile
torch.cummax|cummin(input, dim) *s -> along(s,dim), along(s,dim) :index
torch.cumsum|cumprod(input, dim, dtype=None) *s -> along(s,dim)
torch.logcumsumexp(input, dim) *s -> along(s,dim)
torch.softmax(input, dim, dtype=None) *s -> along(s,dim) :float
torch.log_softmax(input, dim, dtype=None) *s -> along(s,dim) :float
torch.topk(input, k, dim=-1, largest=True, sorted=True) *s -> best(s,k,dim), best(s,k,dim) :index
torch.sort(input, dim=-1, descending=False, stable=False) *s -> along(s,dim), along(s,dim) :index
torch.argsort(input, dim=-1, descending=False, stable=False) *s -> along(s,dim) :index
torch.msort(input) *s -> *s
torch.diff(input, n=1, dim=-1, prepend=None, append=None) *x, prepend: *p, append: *a !extremes.difference
torch.trapezoid|trapz(y, x=None, dx=None, dim=-1) *s -> select(s,dim)
torch.cumulative_trapezoid(y, x=None, dx=None, dim=-1) *s -> shortened(s,dim,1)
torch.renorm(input, p, dim, maxnorm) *s -> along(s,dim)
torch.trace(input) n m -> ()
torch.unique(input, sorted=True, return_inverse=False, return_counts=False, dim=None) *s !extremes.unique
torch.unique_consecutive(input, return_inverse=False, return_counts=False, dim=None) *s !extremes.unique
torch.nonzero(input, as_tuple=False) *s !extremes.nonzero
torch.argwhere(input) *s !extremes.nonzero
torch.bincount(input, weights=None, minlength=0) n -> _
torch.histc(input, bins=100, min=0, max=0) *s -> bins
torch.bucketize(input, boundaries, out_int32=False, right=False) *s, n -> *s :index
torch.searchsorted(sorted_sequence, input, out_int32=False, right=False, side=None, sorter=None) *t, *s -> *s :index

torch.bmm(input, mat2) b n k, b k m -> b n m
torch.mm(input, mat2) n k, k m -> n m
torch.mv(input, vec) n k, k -> n
torch.matmul(input, other) *a, *c -> matmul(a,c)
torch.dot(input, tensor) n, n -> ()
torch.vdot(input, other) n, n -> ()
torch.inner(input, other) *a, *c !contraction.inner
torch.outer(input, vec2) n, m -> n m
torch.ger(input, vec2) n, m -> n m
torch.addmm(input, mat1, mat2, beta=1, alpha=1) *x, n k, k m -> n m
torch.addmv(input, mat, vec, beta=1, alpha=1) *x, n k, k -> n
torch.addr(input, vec1, vec2, beta=1, alpha=1) *x, n, m -> n m
torch.addbmm(input, batch1, batch2, beta=1, alpha=1) *x, b n k, b k m -> n m
torch.baddbmm(input, batch1, batch2, beta=1, alpha=1) *x, b n k, b k m -> b n m
torch.chain_matmul(*matrices) each *s !contraction.chain
torch.einsum(equation, *operands) !contraction.einsum
torch.tensordot(a, b, dims=2) *a, *c -> tensordot(a,c,dims)
torch.kron(input, other) *a, *c -> kron(a,c)
torch.cross(input, other, dim=None) *a, *c !contraction.cross
torch.bilinear(input1, input2, weight, bias=None) *s p, *s q, o p q, o -> *s o
torch.cdist(x1, x2, p=2.0, compute_mode='use_mm_for_euclid_dist_if_necessary') #*b n k, #*b m k -> *b n m
torch.pdist(input, p=2) n k -> n*(n-1)//2
torch.cosine_similarity(x1, x2, dim=1, eps=1e-08) #*s, #*s -> reduce(s,dim,False)
torch.pairwise_distance(x1, x2, p=2, eps=1e-06, keepdim=False) #*s, #*s -> reduce(s,-1,keepdim)
torch.cov(input, correction=1, fweights=None, aweights=None) *s !contraction.covariance
torch.corrcoef(input) *s !contraction.covariance
torch.block_diag(*tensors) each *s !contraction.block_diagonal
torch.cartesian_prod(*tensors) each *s !contraction.cartesian
torch.vander(x, N=None, increasing=False) n -> n default(N,n)
torch.det|logdet(input) *b n n -> *b
torch.slogdet(input) *b n n -> *b, *b
torch.inverse|matrix_exp(input) *b n n -> *b n n
torch.matrix_power(input, n) *b m m -> *b m m
torch.pinverse(input, rcond=1e-15) *b n m -> *b m n
torch.cholesky(input, upper=False) *b n n -> *b n n
torch.cholesky_inverse(input, upper=False) *b n n -> *b n n
torch.cholesky_solve(input, input2, upper=False) #*b n m, #*b n n -> *b n m
torch.svd(input, some=True, compute_uv=True) *b n m -> *b n _, *b _, *b m _
torch.qr(input, some=True) *b n m -> *b n _, *b _ m
torch.adjoint(input) *b n m -> *b m n
torch.tril|triu(input, diagonal=0) *b n m -> *b n m
torch.fliplr(input) b n *s -> b n *s
torch.flipud(input) n *s -> n *s

torch.cat|concat|concatenate(tensors, dim=0) each *s -> join(each,dim)
torch.stack(tensors, dim=0) each *s -> stack(each,dim)
torch.hstack(tensors) each *s -> piled(each,1,1,0)
torch.vstack|row_stack(tensors) each *s -> piled(each,0,2,1)
torch.dstack(tensors) each *s -> piled(each,2,3,1)
torch.column_stack(tensors) each *s -> columns(each)
torch.broadcast_tensors(*tensors) each *s -> broadcast_each(each)
torch.meshgrid(*tensors, indexing=None) each *s -> grid(each,indexing)
torch.chunk|unsafe_chunk(input, chunks, dim=0) *s -> chunk(s,chunks,dim)
torch.split|unsafe_split(tensor, split_size_or_sections, dim=0) *s -> split(s,split_size_or_sections,dim)
torch.split_with_sizes(input, split_sizes, dim=0) *s -> split(s,split_sizes,dim)
torch.tensor_split(input, indices_or_sections, dim=0) *s -> tensor_split(s,indices_or_sections,dim)
torch.hsplit(input, indices_or_sections) *s -> axis_split(s,indices_or_sections,1,1)
torch.vsplit(input, indices_or_sections) *s -> axis_split(s,indices_or_sections,0,2)
torch.dsplit(input, indices_or_sections) *s -> axis_split(s,indices_or_sections,2,3)
torch.unbind(input, dim=0) *s -> unbind(s,dim)

torch.flatten(input, start_dim=0, end_dim=-1) *s -> flatten(s,start_dim,end_dim)
torch.ravel(input) *s -> flatten(s,0,-1)
torch.unflatten(input, dim, sizes) *s -> unflatten(s,dim,sizes)
torch.reshape(input, shape) *s -> reshape(s,shape)
torch.transpose|swapaxes|swapdims(input, dim0, dim1) *s -> transpose(s,dim0,dim1)
torch.permute(input, dims) *s -> permute(s,dims)
torch.movedim|moveaxis(input, source, destination) *s -> moved(s,source,destination)
torch.t(input) *s -> turned(s)
torch.squeeze(input, dim=None) *s -> squeeze(s,dim)
torch.unsqueeze(input, dim) *s -> unsqueeze(s,dim)
torch.flip(input, dims) *s -> along(s,dims)
torch.roll(input, shifts, dims=None) *s -> rolled(s,shifts,dims)
torch.rot90(input, k=1, dims=(0, 1)) *s -> turned_quarters(s,k,dims)
torch.broadcast_to(input, size) *s -> expand(s,size)
torch.tile(input, dims) *s -> tile(s,dims)
torch.repeat_interleave(input, repeats, dim=None) *s -> interleaved(s,repeats,dim)
torch.atleast_1d(input) *s -> at_least(s,1)
torch.atleast_2d(input) *s -> at_least(s,2)
torch.atleast_3d(input) *s -> at_least(s,3)
torch.diagonal(input, offset=0, dim1=0, dim2=1) *s -> diagonal(s,offset,dim1,dim2)
torch.diag(input, diagonal=0) *s -> diag(s,diagonal)
torch.diagflat(input, offset=0) *s -> diag(numbered(s),offset)
torch.diag_embed(input, offset=0, dim1=-2, dim2=-1) *s n -> embedded(s,n,offset,dim1,dim2)
torch.as_strided(input, size, stride, storage_offset=None) *s -> sizes(size)

torch.narrow|narrow_copy(input, dim, start, length) *s -> narrow(s,dim,start,length)
torch.select(input, dim, index) *s -> select(s,dim)
torch.index_select(input, dim, index) *x, index: *i :index !indexing.index_select
torch.index_add|index_copy(input, dim, index, source) *x, index: *i :index, source: *o !indexing.index_into
torch.index_fill(input, dim, index, value) *x, index: *i :index !indexing.index_into
torch.gather(input, dim, index, sparse_grad=False) *x, index: *i :index !indexing.gather
torch.scatter|scatter_add|scatter_reduce(input, dim, index, src, reduce=None, include_self=True)
    *x, index: *i :index, src: *o !indexing.scatter
torch.take(input, index) *s, *i :index -> *i
torch.take_along_dim(input, indices, dim=None) *x, *i :index !indexing.take_along
torch.index_put(input, indices, values, accumulate=False) *s -> *s
torch.select_scatter(input, src, dim, index) *s -> along(s,dim)
torch.slice_scatter(input, src, dim=0, start=None, end=None, step=1) *s -> along(s,dim)
torch.diagonal_scatter(input, src, offset=0, dim1=0, dim2=1) *s -> *s

torch.randn|rand|zeros|ones|empty(*size, out=None, dtype=None, device=None, requires_grad=False, generator=None)
    -> sizes(size) :float
torch.full(size, fill_value, dtype=None, device=None, requires_grad=False) !factories.full
torch.eye(n, m=None, dtype=None, device=None, requires_grad=False) -> square(n,m) :float
torch.arange(start, end=None, step=1, dtype=None, device=None, requires_grad=False) !factories.arange
torch.linspace|logspace(start, end, steps, dtype=None, device=None, requires_grad=False) -> steps :float
torch.randint(low, high=None, size=None, dtype=None, device=None, requires_grad=False, generator=None)
    !factories.randint
torch.randperm(n, dtype=None, device=None, requires_grad=False, generator=None) -> n :index
torch.normal(mean, std=1.0, size=None, generator=None, dtype=None, device=None) !factories.normal
torch.tril_indices|triu_indices(row, col, offset=0, dtype=None, device=None) -> 2 _ :index
torch.hann_window|hamming_window|blackman_window|bartlett_window|kaiser_window(window_length, periodic=True, dtype=None,
        device=None, requires_grad=False)
    -> window_length :float
torch.tensor|as_tensor(data, dtype=None, device=None, requires_grad=False, pin_memory=False) !factories.tensor
torch.scalar_tensor(s, dtype=None, device=None, requires_grad=False) -> () :float
torch.Tensor|FloatTensor|DoubleTensor|HalfTensor|LongTensor|IntTensor|BoolTensor|ByteTensor(*data)
    !factories.constructor
torch.zeros_like|ones_like|empty_like|rand_like|randn_like(input, dtype=None, device=None, requires_grad=False)
    *s -> *s
torch.full_like(input, fill_value, dtype=None, device=None, requires_grad=False) *s -> *s
torch.randint_like(input, low, high=None, dtype=None, device=None, requires_grad=False) *s -> *s
torch.stft(input, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode='reflect',
        normalized=False, onesided=None, return_complex=None)
    *x !signal.short_time_fourier
torch.multinomial(input, num_samples, replacement=False, generator=None) [b] n -> [b] num_samples :index
torch.combinations(input, r=2, with_replacement=False) n -> _ r

torch.conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
    [b] c n, o c//groups k, o -> [b] o slide(n,0,k)
torch.conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
    [b] c h w, o c//groups k l, o -> [b] o slide(h,0,k) slide(w,1,l)
torch.conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
    [b] c d h w, o c//groups j k l, o -> [b] o slide(d,0,j) slide(h,1,k) slide(w,2,l)
torch.conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
    [b] c n, c o k, o*groups -> [b] o*groups stretch(n,0,k)
torch.conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
    [b] c h w, c o k l, o*groups -> [b] o*groups stretch(h,0,k) stretch(w,1,l)
torch.conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
    [b] c d h w, c o j k l, o*groups -> [b] o*groups stretch(d,0,j) stretch(h,1,k) stretch(w,2,l)
torch.max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False) [b] c n -> [b] c slide(n,0)
torch.max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)
    [b] c h w -> [b] c slide(h,0) slide(w,1)
torch.max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2)
torch.avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)
    [b] c n -> [b] c slide(n,0)
torch.adaptive_avg_pool1d(input, output_size) [b] c n -> [b] c adapted(n,0)
torch.pixel_shuffle(input, upscale_factor)
    *b c h w -> *b ratio(c,upscale_factor*upscale_factor) h*upscale_factor w*upscale_factor
torch.pixel_unshuffle(input, downscale_factor)
    *b c h w -> *b c*downscale_factor*downscale_factor ratio(h,downscale_factor) ratio(w,downscale_factor)
torch.channel_shuffle(input, groups) b c *s -> b c *s
torch.layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05, cudnn_enable=True)
    *x, weight: *w, bias: *w !normalization.last_axes
torch.rms_norm(input, normalized_shape, weight=None, eps=None) *x, weight: *w !normalization.last_axes
torch.group_norm(input, num_groups, weight=None, bias=None, eps=1e-05) *x, weight: n, bias: n !normalization.grouped
torch.embedding(weight, input, padding_idx=-1, scale_grad_by_freq=False, sparse=False) n d, *b :index -> *b d :float

"""
