"""The shapes of torch.nn's layers: a table, one line a layer, in the notation of ``lintml.shapes.signature``."""

LINES = """
torch.nn.Linear(in_features, out_features, bias=True, device=None, dtype=None) *b in_features -> *b out_features
torch.nn.LazyLinear(out_features, bias=True, device=None, dtype=None) *b _ -> *b out_features
torch.nn.Bilinear(in1_features, in2_features, out_features, bias=True) (input1, input2) *b in1_features, *b in2_features -> *b out_features
torch.nn.Embedding(num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False) *b :index -> *b embedding_dim :float
torch.nn.LSTM|torch.nn.GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False, proj_size=0) (input, hx=None) !recurrent
torch.nn.RNN(input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True, batch_first=False, dropout=0.0, bidirectional=False) (input, hx=None) !recurrent
torch.nn.MultiheadAttention(embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, vdim=None, batch_first=False) (query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False) !multi_head_attention
torch.nn.Conv1d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros') [b] in_channels n -> [b] out_channels slide(n,kernel_size.0,stride.0,padding.0,dilation.0)
torch.nn.Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros') [b] in_channels h w -> [b] out_channels slide(h,kernel_size.0,stride.0,padding.0,dilation.0) slide(w,kernel_size.1,stride.1,padding.1,dilation.1)
torch.nn.MaxPool1d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False) [b] c n -> [b] c slide(n,kernel_size.0,stride.0,padding.0,dilation.0,ceil_mode)
torch.nn.MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False) [b] c h w -> [b] c slide(h,kernel_size.0,stride.0,padding.0,dilation.0,ceil_mode) slide(w,kernel_size.1,stride.1,padding.1,dilation.1,ceil_mode)
torch.nn.AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None) [b] c h w -> [b] c slide(h,kernel_size.0,stride.0,padding.0,1,ceil_mode) slide(w,kernel_size.1,stride.1,padding.1,1,ceil_mode)
torch.nn.BatchNorm1d(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True) b num_features [n] -> b num_features [n]
torch.nn.BatchNorm2d(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True) b num_features h w -> b num_features h w
torch.nn.LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True) !layer_norm
torch.nn.Dropout|torch.nn.AlphaDropout(p=0.5, inplace=False) *s -> *s
torch.nn.ReLU|torch.nn.ReLU6|torch.nn.SELU|torch.nn.SiLU|torch.nn.Mish|torch.nn.Hardswish|torch.nn.Hardsigmoid(inplace=False) *s -> *s
torch.nn.Tanh|torch.nn.Sigmoid|torch.nn.Identity|torch.nn.LogSigmoid|torch.nn.Softsign() *s -> *s
torch.nn.GELU(approximate='none') *s -> *s
torch.nn.LeakyReLU(negative_slope=0.01, inplace=False) *s -> *s
torch.nn.ELU(alpha=1.0, inplace=False) *s -> *s
torch.nn.Softmax|torch.nn.LogSoftmax|torch.nn.Softmin(dim=None) *s -> *s
torch.nn.Flatten(start_dim=1, end_dim=-1) *s -> flatten(s,start_dim,end_dim)
"""
