"""The shapes of torch.linalg, torch.fft and torch.special: a table, in the notation of ``lintml.shapes.signature``."""

from typing import Final

LINES: Final = """
torch.linalg.norm(A, ord=None, dim=None, keepdim=False, out=None, dtype=None) *s -> reduce(s,dim,keepdim) :float
torch.linalg.vector_norm(x, ord=2, dim=None, keepdim=False, dtype=None) *s -> reduce(s,dim,keepdim) :float
torch.linalg.matrix_norm(A, ord='fro', dim=(-2, -1), keepdim=False, dtype=None) *s -> reduce(s,dim,keepdim) :float
torch.linalg.det(A) *b n n -> *b
torch.linalg.slogdet(A) *b n n -> *b, *b
torch.linalg.cond(A, p=None) *b n m -> *b
torch.linalg.matrix_rank(A, tol=None, hermitian=False) *b n m -> *b :index
torch.linalg.inv(A) *b n n -> *b n n
torch.linalg.inv_ex(A, check_errors=False) *b n n -> *b n n, *b :index
torch.linalg.pinv(A, atol=None, rtol=None, hermitian=False) *b n m -> *b m n
torch.linalg.matrix_exp(A) *b n n -> *b n n
torch.linalg.matrix_power(A, n) *b m m -> *b m m
torch.linalg.cholesky(A, upper=False) *b n n -> *b n n
torch.linalg.cholesky_ex(A, upper=False, check_errors=False) *b n n -> *b n n, *b :index
torch.linalg.qr(A, mode='reduced') *s !decomposition.qr
torch.linalg.svd(A, full_matrices=True) *s !decomposition.svd
torch.linalg.svdvals(A) *b n m -> *b least(n,m) :float
torch.linalg.eig(A) *b n n -> *b n :complex, *b n n :complex
torch.linalg.eigvals(A) *b n n -> *b n :complex
torch.linalg.eigh(A, UPLO='L') *b n n -> *b n :float, *b n n
torch.linalg.eigvalsh(A, UPLO='L') *b n n -> *b n :float
torch.linalg.lu(A, pivot=True) *b n m -> *b n n, *b n least(n,m), *b least(n,m) m
torch.linalg.lu_factor(A, pivot=True) *b n m -> *b n m, *b least(n,m) :index
torch.linalg.lu_factor_ex(A, pivot=True, check_errors=False) *b n m -> *b n m, *b least(n,m) :index, *b :index
torch.linalg.solve(A, B, left=True) *a, *b !decomposition.solve
torch.linalg.solve_triangular(A, B, upper, left=True, unitriangular=False) *a, *b !decomposition.solve_triangular
torch.linalg.lstsq(A, B, rcond=None, driver=None) *a, *b !decomposition.least_squares
torch.linalg.cross(input, other, dim=-1) *a, *c !contraction.cross
torch.linalg.matmul(input, other) *a, *c -> matmul(a,c)
torch.linalg.multi_dot(tensors) each *s !contraction.chain
torch.linalg.vecdot(x, y, dim=-1) #*s, #*s -> reduce(s,dim,False)
torch.linalg.diagonal(A, offset=0, dim1=-2, dim2=-1) *s -> diagonal(s,offset,dim1,dim2)
torch.linalg.householder_product(A, tau) *b m n, *b k -> *b m n
torch.linalg.ldl_factor(A, hermitian=False) *b n n -> *b n n, *b n :index
torch.linalg.ldl_factor_ex(A, hermitian=False, check_errors=False) *b n n -> *b n n, *b n :index, *b :index
torch.linalg.tensorinv(A, ind=2) *s !decomposition.tensor_inverse

torch.fft.fft|ifft(input, n=None, dim=-1, norm=None) *s -> lengthened(s,n,dim) :complex
torch.fft.rfft|ihfft(input, n=None, dim=-1, norm=None) *s -> half_spectrum(s,n,dim) :complex
torch.fft.irfft|hfft(input, n=None, dim=-1, norm=None) *s -> whole_spectrum(s,n,dim) :float
torch.fft.fft2|ifft2(input, s=None, dim=(-2, -1), norm=None) *x -> lengthened(x,s,dim) :complex
torch.fft.fftn|ifftn(input, s=None, dim=None, norm=None) *x -> lengthened(x,s,dim) :complex
torch.fft.rfft2(input, s=None, dim=(-2, -1), norm=None) *x -> half_spectrum(x,s,dim) :complex
torch.fft.rfftn(input, s=None, dim=None, norm=None) *x -> half_spectrum(x,s,dim) :complex
torch.fft.irfft2(input, s=None, dim=(-2, -1), norm=None) *x -> whole_spectrum(x,s,dim) :float
torch.fft.irfftn(input, s=None, dim=None, norm=None) *x -> whole_spectrum(x,s,dim) :float
torch.fft.fftshift|ifftshift(input, dim=None) *s -> along(s,dim)
torch.fft.fftfreq(n, d=1.0, dtype=None, device=None, requires_grad=False) -> n :float
torch.fft.rfftfreq(n, d=1.0, dtype=None, device=None, requires_grad=False) -> n//2+1 :float

torch.special.airy_ai|bessel_j0|bessel_j1|bessel_y0|bessel_y1|digamma|entr|erf|erfc|erfcx|erfinv|exp2|expit|expm1
        |gammaln|i0|i0e|i1|i1e|log1p|log_ndtr|ndtr|ndtri|psi|sinc|modified_bessel_i0|modified_bessel_i1
        |modified_bessel_k0|modified_bessel_k1|scaled_modified_bessel_k0|scaled_modified_bessel_k1
        |spherical_bessel_j0(input)
    *s -> *s :float
torch.special.round(input, decimals=0) *s -> *s
torch.special.logit(input, eps=None) *s -> *s :float
torch.special.multigammaln(input, p) *s -> *s :float
torch.special.polygamma(n, input) input: *s -> *s :float
torch.special.xlog1py|xlogy|zeta|gammainc|gammaincc(input, other) #*s, #*s -> *s :float
torch.special.softmax|log_softmax(input, dim, dtype=None) *s -> along(s,dim) :float
torch.special.logsumexp(input, dim, keepdim=False) *s -> reduce(s,dim,keepdim) :float
"""
