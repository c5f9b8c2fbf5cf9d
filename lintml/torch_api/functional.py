"""The shapes of torch.nn.functional: a table, one entry an operator, in the notation of ``lintml.shapes.signature``."""

from typing import Final

LINES: Final = """
torch.nn.functional.linear(input, weight, bias=None) *b k, [n] k, [#n] -> *b [n]
torch.nn.functional.bilinear(input1, input2, weight, bias=None) *b p, *b q, o p q, o -> *b o
torch.nn.functional.embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
        sparse=False)
    *b :index, n d -> *b d :float
torch.nn.functional.embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False,
        mode='mean', sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None)
    *i :index, *w, *o :index !indexing.functional_bag
torch.nn.functional.one_hot(tensor, num_classes=-1) *s :index -> grown(s,num_classes) :index

torch.nn.functional.relu|relu6|selu|silu|mish|hardswish|hardsigmoid(input, inplace=False) *s -> *s
torch.nn.functional.sigmoid|tanh|logsigmoid|softsign|tanhshrink|relu_|selu_(input) *s -> *s
torch.nn.functional.gelu(input, approximate='none') *s -> *s
torch.nn.functional.leaky_relu(input, negative_slope=0.01, inplace=False) *s -> *s
torch.nn.functional.leaky_relu_(input, negative_slope=0.01) *s -> *s
torch.nn.functional.elu_|celu_(input, alpha=1.0) *s -> *s
torch.nn.functional.hardtanh_(input, min_val=-1.0, max_val=1.0) *s -> *s
torch.nn.functional.threshold_(input, threshold, value) *s -> *s
torch.nn.functional.elu|celu(input, alpha=1.0, inplace=False) *s -> *s
torch.nn.functional.rrelu(input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False) *s -> *s
torch.nn.functional.hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False) *s -> *s
torch.nn.functional.hardshrink|softshrink(input, lambd=0.5) *s -> *s
torch.nn.functional.softplus(input, beta=1.0, threshold=20.0) *s -> *s
torch.nn.functional.threshold(input, threshold, value, inplace=False) *s -> *s
torch.nn.functional.prelu(input, weight) *x, *w !normalization.slopes
torch.nn.functional.glu(input, dim=-1) *s -> halved(s,dim)
torch.nn.functional.softmax|log_softmax|softmin(input, dim=None, _stacklevel=3, dtype=None) *s -> along(s,dim)
torch.nn.functional.gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1) *s -> along(s,dim)
torch.nn.functional.normalize(input, p=2.0, dim=1, eps=1e-12, out=None) *s -> along(s,dim)
torch.nn.functional.dropout(input, p=0.5, training=True, inplace=False) *s -> *s
torch.nn.functional.alpha_dropout|feature_alpha_dropout(input, p=0.5, training=False, inplace=False) *s -> *s
torch.nn.functional.dropout1d(input, p=0.5, training=True, inplace=False) [b] c n -> [b] c n
torch.nn.functional.dropout2d|dropout3d(input, p=0.5, training=True, inplace=False) *s -> *s

torch.nn.functional.conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
    [b] c n, o c//groups k, o -> [b] o slide(n,0,k)
torch.nn.functional.conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
    [b] c h w, o c//groups k l, o -> [b] o slide(h,0,k) slide(w,1,l)
torch.nn.functional.conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
    [b] c d h w, o c//groups j k l, o -> [b] o slide(d,0,j) slide(h,1,k) slide(w,2,l)
torch.nn.functional.conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
        dilation=1)
    [b] c n, c o k, o*groups -> [b] o*groups stretch(n,0,k)
torch.nn.functional.conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
        dilation=1)
    [b] c h w, c o k l, o*groups -> [b] o*groups stretch(h,0,k) stretch(w,1,l)
torch.nn.functional.conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1,
        dilation=1)
    [b] c d h w, c o j k l, o*groups -> [b] o*groups stretch(d,0,j) stretch(h,1,k) stretch(w,2,l)
torch.nn.functional.unfold(input, kernel_size, dilation=1, padding=0, stride=1)
    [b] c h w -> [b] c*area(kernel_size,2) blocks(h,w)
torch.nn.functional.fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1)
    [b] c n -> [b] ratio(c,area(kernel_size,2)) output_size.0 output_size.1

torch.nn.functional.max_pool1d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
        return_indices=False)
    [b] c n -> [b] c slide(n,0), return_indices? [b] c slide(n,0) :index
torch.nn.functional.max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
        return_indices=False)
    [b] c h w -> [b] c slide(h,0) slide(w,1), return_indices? [b] c slide(h,0) slide(w,1) :index
torch.nn.functional.max_pool3d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
        return_indices=False)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2),
    return_indices? [b] c slide(d,0) slide(h,1) slide(w,2) :index
torch.nn.functional.max_pool1d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
        return_indices=False)
    [b] c n -> [b] c slide(n,0), [b] c slide(n,0) :index
torch.nn.functional.max_pool2d_with_indices(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False,
        return_indices=False)
    [b] c h w -> [b] c slide(h,0) slide(w,1), [b] c slide(h,0) slide(w,1) :index
torch.nn.functional.max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None)
    [b] c n, [b] c n :index -> [b] c unpool(n,0)
torch.nn.functional.max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None)
    [b] c h w, [b] c h w :index -> [b] c unpool(h,0) unpool(w,1)
torch.nn.functional.max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None)
    [b] c d h w, [b] c d h w :index -> [b] c unpool(d,0) unpool(h,1) unpool(w,2)
torch.nn.functional.avg_pool1d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)
    [b] c n -> [b] c slide(n,0)
torch.nn.functional.avg_pool2d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        divisor_override=None)
    [b] c h w -> [b] c slide(h,0) slide(w,1)
torch.nn.functional.avg_pool3d(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True,
        divisor_override=None)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2)
torch.nn.functional.lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False) [b] c n -> [b] c slide(n,0)
torch.nn.functional.lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False)
    [b] c h w -> [b] c slide(h,0) slide(w,1)
torch.nn.functional.lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2)
torch.nn.functional.fractional_max_pool2d(input, kernel_size, output_size=None, output_ratio=None,
        return_indices=False)
    [b] c h w -> [b] c fraction(h,0) fraction(w,1), return_indices? [b] c fraction(h,0) fraction(w,1) :index
torch.nn.functional.fractional_max_pool3d(input, kernel_size, output_size=None, output_ratio=None,
        return_indices=False)
    [b] c d h w -> [b] c fraction(d,0) fraction(h,1) fraction(w,2),
    return_indices? [b] c fraction(d,0) fraction(h,1) fraction(w,2) :index
torch.nn.functional.adaptive_avg_pool1d(input, output_size) [b] c n -> [b] c adapted(n,0)
torch.nn.functional.adaptive_avg_pool2d|adaptive_avg_pool3d(input, output_size) *x !sampling.adaptive_average
torch.nn.functional.adaptive_max_pool1d(input, output_size, return_indices=False)
    [b] c n -> [b] c adapted(n,0), return_indices? [b] c adapted(n,0) :index
torch.nn.functional.adaptive_max_pool2d(input, output_size, return_indices=False)
    [b] c h w -> [b] c adapted(h,0) adapted(w,1), return_indices? [b] c adapted(h,0) adapted(w,1) :index
torch.nn.functional.adaptive_max_pool3d(input, output_size, return_indices=False)
    [b] c d h w -> [b] c adapted(d,0) adapted(h,1) adapted(w,2),
    return_indices? [b] c adapted(d,0) adapted(h,1) adapted(w,2) :index

torch.nn.functional.batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1,
        eps=1e-05)
    *x, n, n, n, n !normalization.by_channel
torch.nn.functional.instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None,
        use_input_stats=True, momentum=0.1, eps=1e-05)
    *x, n, n, n, n !normalization.by_channel
torch.nn.functional.layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-05)
    *x, weight: *w, bias: *w !normalization.last_axes
torch.nn.functional.rms_norm(input, normalized_shape, weight=None, eps=None) *x, weight: *w !normalization.last_axes
torch.nn.functional.group_norm(input, num_groups, weight=None, bias=None, eps=1e-05)
    *x, weight: n, bias: n !normalization.grouped
torch.nn.functional.local_response_norm(input, size, alpha=0.0001, beta=0.75, k=1.0) b c n *s -> b c n *s

torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False,
        scale=None, enable_gqa=False)
    *q, *k, *v, *m !attention.scaled_dot_product
torch.nn.functional.pad(input, pad, mode='constant', value=None) *s -> padded(s,pad,0)
torch.nn.functional.interpolate(input, size=None, scale_factor=None, mode='nearest', align_corners=None,
        recompute_scale_factor=None, antialias=False)
    *s -> interpolated(s)
torch.nn.functional.upsample(input, size=None, scale_factor=None, mode='nearest', align_corners=None)
    *s -> interpolated(s)
torch.nn.functional.upsample_nearest(input, size=None, scale_factor=None) *s -> interpolated(s)
torch.nn.functional.upsample_bilinear(input, size=None, scale_factor=None) b c h w -> b c scaled(h,0) scaled(w,1)
torch.nn.functional.grid_sample(input, grid, mode='bilinear', padding_mode='zeros', align_corners=None)
    *x, *g !sampling.grid_sample
torch.nn.functional.affine_grid(theta, size, align_corners=None) *t !sampling.affine_grid
torch.nn.functional.pixel_shuffle(input, upscale_factor)
    *b c h w -> *b ratio(c,upscale_factor*upscale_factor) h*upscale_factor w*upscale_factor
torch.nn.functional.pixel_unshuffle(input, downscale_factor)
    *b c h w -> *b c*downscale_factor*downscale_factor ratio(h,downscale_factor) ratio(w,downscale_factor)
torch.nn.functional.channel_shuffle(input, groups) b c *s -> b c *s
torch.nn.functional.cosine_similarity(x1, x2, dim=1, eps=1e-08) #*s, #*s -> reduce(s,dim,False)
torch.nn.functional.pairwise_distance(x1, x2, p=2.0, eps=1e-06, keepdim=False) #*s, #*s -> reduce(s,-1,keepdim)
torch.nn.functional.pdist(input, p=2) n k -> n*(n-1)//2

torch.nn.functional.l1_loss|mse_loss(input, target, size_average=None, reduce=None, reduction='mean', weight=None)
    *i, *t !losses.pointwise
torch.nn.functional.smooth_l1_loss(input, target, size_average=None, reduce=None, reduction='mean', beta=1.0)
    *i, *t !losses.pointwise
torch.nn.functional.soft_margin_loss(input, target, size_average=None, reduce=None, reduction='mean')
    *i, *t !losses.pointwise
torch.nn.functional.huber_loss(input, target, reduction='mean', delta=1.0, weight=None) *i, *t !losses.pointwise
torch.nn.functional.kl_div(input, target, size_average=None, reduce=None, reduction='mean', log_target=False)
    *i, *t !losses.pointwise
torch.nn.functional.poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-08,
        reduce=None, reduction='mean')
    *i, *t !losses.pointwise
torch.nn.functional.gaussian_nll_loss(input, target, var, full=False, eps=1e-06, reduction='mean')
    *i, *t, *v !losses.gaussian
torch.nn.functional.hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction='mean')
    *i, *t !losses.pointwise
torch.nn.functional.binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction='mean')
    *i, *t !losses.alike
torch.nn.functional.binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None,
        reduction='mean', pos_weight=None)
    *i, *t !losses.alike
torch.nn.functional.cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None,
        reduction='mean', label_smoothing=0.0)
    *i, *t, c !losses.classes
torch.nn.functional.nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None,
        reduction='mean')
    *i, *t, c !losses.classes
torch.nn.functional.multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None,
        reduction='mean')
    *i, *t, weight: *w !losses.margin
torch.nn.functional.multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction='mean')
    *i, *t !losses.margin
torch.nn.functional.multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None,
        reduction='mean')
    *i, *t !losses.by_row
torch.nn.functional.margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None,
        reduction='mean')
    *i, *j, *t !losses.ranking
torch.nn.functional.cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None,
        reduction='mean')
    *i, *j, *t !losses.cosine
torch.nn.functional.triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-06, swap=False,
        size_average=None, reduce=None, reduction='mean')
    *a, *p, *n !losses.by_row
torch.nn.functional.triplet_margin_with_distance_loss(anchor, positive, negative, distance_function=None, margin=1.0,
        swap=False, reduction='mean')
    *a, *p, *n !losses.by_row
torch.nn.functional.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction='mean',
        zero_infinity=False)
    *l !losses.connectionist

torch.nn.utils.rnn.pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True)
    *x, *l :index !recurrent.pack
torch.nn.utils.rnn.pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None)
    *x !recurrent.unpack
torch.nn.utils.rnn.pad_sequence(sequences, batch_first=False, padding_value=0.0, padding_side='right')
    each *s !recurrent.pad
"""
