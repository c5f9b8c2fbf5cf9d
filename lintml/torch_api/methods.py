"""The shapes of tensor methods that are no functions of the same name: a table, in the notation of ``lintml.shapes.signature``."""

LINES = """
Tensor.view|Tensor.reshape(self, *shape) *s -> reshape(s,shape)
Tensor.permute(self, *dims) *s -> permute(s,dims)
Tensor.expand(self, *sizes) *s -> expand(s,sizes)
Tensor.repeat(self, *repeats) *s -> repeat(s,repeats)
Tensor.contiguous|Tensor.detach|Tensor.clone|Tensor.cpu|Tensor.cuda(self) *s -> *s
Tensor.float|Tensor.double|Tensor.half(self) *s -> *s :float
Tensor.long|Tensor.int(self) *s -> *s :index
Tensor.bool(self) *s -> *s :bool
"""
