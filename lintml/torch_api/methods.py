"""The shapes of tensor methods that differ from the function of their name: a table, one entry a method."""

from typing import Final

LINES: Final = """
Tensor.view|reshape(self, *shape) *s -> reshape(s,shape)
Tensor.view_as|reshape_as(self, other) *s, *o -> like(s,o)
Tensor.permute(self, *dims) *s -> permute(s,dims)
Tensor.expand(self, *size) *s -> expand(s,size)
Tensor.expand_as(self, other) *s, *o -> stretched(s,o)
Tensor.broadcast_to(self, size) *s -> expand(s,size)
Tensor.sum_to_size(self, *size) *s -> sizes(size)
Tensor.repeat(self, *repeats) *s -> repeat(s,repeats)
Tensor.tile(self, *dims) *s -> tile(s,dims)
Tensor.flip(self, *dims) *s -> along(s,dims)
Tensor.unfold(self, dimension, size, step) *s -> unfolded(s,dimension,size,step)
Tensor.type_as(self, other) *s, *o -> *s
Tensor.contiguous|detach|clone|cpu|cuda|xpu|requires_grad_|detach_|retain_grad|pin_memory|share_memory_|coalesce
        |to_dense|cfloat|cdouble(self)
    *s -> *s
Tensor.float|double|half|bfloat16(self) *s -> *s :float
Tensor.long|int|short|char|byte(self) *s -> *s :index
Tensor.bool(self) *s -> *s :bool
Tensor.new_zeros|new_ones|new_empty(self, *size, dtype=None, device=None, requires_grad=False) *s -> sizes(size)
Tensor.new_full(self, size, fill_value, dtype=None, device=None, requires_grad=False) *s -> sizes(size)
Tensor.resize_(self, *sizes) *s -> sizes(sizes)
Tensor.fill_|zero_|normal_|uniform_|random_|bernoulli_|exponential_|cauchy_|geometric_|log_normal_(self, *args)
    self: *s -> *s
Tensor.copy_(self, src, non_blocking=False) *s, #*o -> into(s,o)
Tensor.add_|sub_|subtract_(self, other, alpha=1) *s, #*o -> into(s,o)
Tensor.mul_|multiply_|div_|divide_|true_divide_|floor_divide_|remainder_|fmod_|pow_|eq_|ne_|lt_|le_|gt_|ge_|atan2_
        |logical_and_|logical_or_|logical_xor_|bitwise_and_|bitwise_or_|bitwise_xor_(self, other)
    *s, #*o -> into(s,o)
Tensor.masked_fill_(self, mask, value) *s, #*o :bool -> into(s,o)
Tensor.lerp_(self, end, weight) *s, #*o -> into(s,o)
Tensor.addcmul_|addcdiv_(self, tensor1, tensor2, value=1) *s, #*o, #*p -> into(s,o,p)
Tensor.index_put_(self, indices, values, accumulate=False) *s -> *s
Tensor.polygamma(self, n) *s -> *s :float
"""
