"""The shapes of torch's functions: a table, one line an operator, in the notation of ``lintml.shapes.signature``."""

LINES = """
torch.bmm(input, mat2) b n k, b k m -> b n m
torch.mm(input, mat2) n k, k m -> n m
torch.mv(input, vec) n k, k -> n
torch.matmul(input, other) *a, *c -> matmul(a,c)
torch.nn.functional.linear(input, weight, bias=None) *b k, n k -> *b n
torch.softmax|torch.log_softmax|torch.nn.functional.softmax|torch.nn.functional.log_softmax(input, dim, dtype=None) *s -> *s
torch.relu|torch.sigmoid|torch.tanh|torch.exp|torch.log|torch.sqrt|torch.abs|torch.square|torch.sin|torch.cos|torch.neg|torch.rsqrt(input) *s -> *s
torch.nn.functional.relu|torch.nn.functional.silu|torch.nn.functional.gelu|torch.nn.functional.sigmoid|torch.nn.functional.tanh(input, inplace=False) *s -> *s
torch.nn.functional.dropout(input, p=0.5, training=True, inplace=False) *s -> *s
torch.add|torch.sub|torch.mul|torch.div|torch.pow|torch.maximum|torch.minimum(input, other) !elementwise
torch.cat(tensors, dim=0) each *s -> join(each,dim)
torch.stack(tensors, dim=0) each *s -> stack(each,dim)
torch.flatten(input, start_dim=0, end_dim=-1) *s -> flatten(s,start_dim,end_dim)
torch.reshape(input, shape) *s -> reshape(s,shape)
torch.transpose(input, dim0, dim1) *s -> transpose(s,dim0,dim1)
torch.permute(input, dims) *s -> permute(s,dims)
torch.squeeze(input, dim=None) *s -> squeeze(s,dim)
torch.unsqueeze(input, dim) *s -> unsqueeze(s,dim)
torch.sum|torch.mean|torch.std|torch.var|torch.prod(input, dim=None, keepdim=False) *s -> reduce(s,dim,keepdim)
torch.argmax|torch.argmin(input, dim=None, keepdim=False) *s -> reduce(s,dim,keepdim) :index
torch.randn|torch.rand|torch.zeros|torch.ones|torch.empty(*size, out=None, dtype=None, device=None, requires_grad=False, generator=None) -> sizes(size) :float
torch.einsum(equation, *operands) !einsum
"""
