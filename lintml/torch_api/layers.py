"""The shapes of torch.nn's layers: a table, one entry a layer, in the notation of ``lintml.shapes.signature``."""

from typing import Final

LINES: Final = """
torch.nn.Linear(in_features, out_features, bias=True, device=None, dtype=None)
    *b in_features -> *b out_features
torch.nn.LazyLinear(out_features, bias=True, device=None, dtype=None) *b _ -> *b out_features
torch.nn.modules.linear.NonDynamicallyQuantizableLinear(in_features, out_features, bias=True, device=None, dtype=None)
    *b in_features -> *b out_features
torch.nn.Bilinear(in1_features, in2_features, out_features, bias=True, device=None, dtype=None) (input1, input2)
    *b in1_features, *b in2_features -> *b out_features
torch.nn.Identity(*args) (input) *s -> *s

torch.nn.Conv1d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None)
    [b] in_channels n -> [b] out_channels slide(n,0)
torch.nn.Conv2d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None)
    [b] in_channels h w -> [b] out_channels slide(h,0) slide(w,1)
torch.nn.Conv3d(in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None)
    [b] in_channels d h w -> [b] out_channels slide(d,0) slide(h,1) slide(w,2)
torch.nn.LazyConv1d(out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None)
    [b] _ n -> [b] out_channels slide(n,0)
torch.nn.LazyConv2d(out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None)
    [b] _ h w -> [b] out_channels slide(h,0) slide(w,1)
torch.nn.LazyConv3d(out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode='zeros', device=None, dtype=None)
    [b] _ d h w -> [b] out_channels slide(d,0) slide(h,1) slide(w,2)
torch.nn.ConvTranspose1d(in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
        bias=True, dilation=1, padding_mode='zeros', device=None, dtype=None) (input, output_size=None)
    [b] in_channels n -> [b] out_channels stretch(n,0)
torch.nn.ConvTranspose2d(in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
        bias=True, dilation=1, padding_mode='zeros', device=None, dtype=None) (input, output_size=None)
    [b] in_channels h w -> [b] out_channels stretch(h,0) stretch(w,1)
torch.nn.ConvTranspose3d(in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1,
        bias=True, dilation=1, padding_mode='zeros', device=None, dtype=None) (input, output_size=None)
    [b] in_channels d h w -> [b] out_channels stretch(d,0) stretch(h,1) stretch(w,2)
torch.nn.LazyConvTranspose1d(out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode='zeros', device=None, dtype=None) (input, output_size=None)
    [b] _ n -> [b] out_channels stretch(n,0)
torch.nn.LazyConvTranspose2d(out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode='zeros', device=None, dtype=None) (input, output_size=None)
    [b] _ h w -> [b] out_channels stretch(h,0) stretch(w,1)
torch.nn.LazyConvTranspose3d(out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode='zeros', device=None, dtype=None) (input, output_size=None)
    [b] _ d h w -> [b] out_channels stretch(d,0) stretch(h,1) stretch(w,2)
torch.nn.Unfold(kernel_size, dilation=1, padding=0, stride=1)
    [b] c h w -> [b] c*area(kernel_size,2) blocks(h,w)
torch.nn.Fold(output_size, kernel_size, dilation=1, padding=0, stride=1)
    [b] c n -> [b] ratio(c,area(kernel_size,2)) output_size.0 output_size.1

torch.nn.MaxPool1d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False)
    [b] c n -> [b] c slide(n,0), return_indices? [b] c slide(n,0) :index
torch.nn.MaxPool2d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False)
    [b] c h w -> [b] c slide(h,0) slide(w,1), return_indices? [b] c slide(h,0) slide(w,1) :index
torch.nn.MaxPool3d(kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2),
    return_indices? [b] c slide(d,0) slide(h,1) slide(w,2) :index
torch.nn.MaxUnpool1d(kernel_size, stride=None, padding=0) (input, indices, output_size=None)
    [b] c n, [b] c n :index -> [b] c unpool(n,0)
torch.nn.MaxUnpool2d(kernel_size, stride=None, padding=0) (input, indices, output_size=None)
    [b] c h w, [b] c h w :index -> [b] c unpool(h,0) unpool(w,1)
torch.nn.MaxUnpool3d(kernel_size, stride=None, padding=0) (input, indices, output_size=None)
    [b] c d h w, [b] c d h w :index -> [b] c unpool(d,0) unpool(h,1) unpool(w,2)
torch.nn.AvgPool1d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)
    [b] c n -> [b] c slide(n,0)
torch.nn.AvgPool2d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)
    [b] c h w -> [b] c slide(h,0) slide(w,1)
torch.nn.AvgPool3d(kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2)
torch.nn.LPPool1d(norm_type, kernel_size, stride=None, ceil_mode=False) [b] c n -> [b] c slide(n,0)
torch.nn.LPPool2d(norm_type, kernel_size, stride=None, ceil_mode=False) [b] c h w -> [b] c slide(h,0) slide(w,1)
torch.nn.LPPool3d(norm_type, kernel_size, stride=None, ceil_mode=False)
    [b] c d h w -> [b] c slide(d,0) slide(h,1) slide(w,2)
torch.nn.FractionalMaxPool2d(kernel_size, output_size=None, output_ratio=None, return_indices=False)
    [b] c h w -> [b] c fraction(h,0) fraction(w,1), return_indices? [b] c fraction(h,0) fraction(w,1) :index
torch.nn.FractionalMaxPool3d(kernel_size, output_size=None, output_ratio=None, return_indices=False)
    [b] c d h w -> [b] c fraction(d,0) fraction(h,1) fraction(w,2),
    return_indices? [b] c fraction(d,0) fraction(h,1) fraction(w,2) :index
torch.nn.AdaptiveAvgPool1d(output_size) [b] c n -> [b] c adapted(n,0)
torch.nn.AdaptiveAvgPool2d|AdaptiveAvgPool3d(output_size) !sampling.adaptive_average
torch.nn.AdaptiveMaxPool1d(output_size, return_indices=False)
    [b] c n -> [b] c adapted(n,0), return_indices? [b] c adapted(n,0) :index
torch.nn.AdaptiveMaxPool2d(output_size, return_indices=False)
    [b] c h w -> [b] c adapted(h,0) adapted(w,1), return_indices? [b] c adapted(h,0) adapted(w,1) :index
torch.nn.AdaptiveMaxPool3d(output_size, return_indices=False)
    [b] c d h w -> [b] c adapted(d,0) adapted(h,1) adapted(w,2),
    return_indices? [b] c adapted(d,0) adapted(h,1) adapted(w,2) :index

torch.nn.ReflectionPad1d|ReplicationPad1d|CircularPad1d|ZeroPad1d(padding) *s -> padded(s,padding,1)
torch.nn.ReflectionPad2d|ReplicationPad2d|CircularPad2d|ZeroPad2d(padding) *s -> padded(s,padding,2)
torch.nn.ReflectionPad3d|ReplicationPad3d|CircularPad3d|ZeroPad3d(padding) *s -> padded(s,padding,3)
torch.nn.ConstantPad1d(padding, value) *s -> padded(s,padding,1)
torch.nn.ConstantPad2d(padding, value) *s -> padded(s,padding,2)
torch.nn.ConstantPad3d(padding, value) *s -> padded(s,padding,3)

torch.nn.BatchNorm1d(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None,
        dtype=None, bias=True)
    b num_features [n] -> b num_features [n]
torch.nn.BatchNorm2d(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None,
        dtype=None, bias=True)
    b num_features h w -> b num_features h w
torch.nn.BatchNorm3d(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None,
        dtype=None, bias=True)
    b num_features d h w -> b num_features d h w
torch.nn.SyncBatchNorm(num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True,
        process_group=None, device=None, dtype=None, bias=True)
    b num_features *s -> b num_features *s
torch.nn.LazyBatchNorm1d(eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None,
        bias=True)
    b c [n] -> b c [n]
torch.nn.LazyBatchNorm2d(eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None,
        bias=True)
    b c h w -> b c h w
torch.nn.LazyBatchNorm3d(eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None,
        bias=True)
    b c d h w -> b c d h w
torch.nn.InstanceNorm1d|InstanceNorm2d|InstanceNorm3d(num_features, eps=1e-05, momentum=0.1, affine=False,
        track_running_stats=False, device=None, dtype=None, bias=True)
    !normalization.instance
torch.nn.LazyInstanceNorm1d|LazyInstanceNorm2d|LazyInstanceNorm3d(eps=1e-05, momentum=0.1, affine=True,
        track_running_stats=True, device=None, dtype=None, bias=True)
    !normalization.instance
torch.nn.LayerNorm(normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None)
    !normalization.last_axes
torch.nn.RMSNorm(normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None)
    !normalization.last_axes
torch.nn.GroupNorm(num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None, bias=True)
    b num_channels *s -> b num_channels *s
torch.nn.LocalResponseNorm(size, alpha=0.0001, beta=0.75, k=1.0) b c n *s -> b c n *s
torch.nn.CrossMapLRN2d(size, alpha=0.0001, beta=0.75, k=1) b c h w -> b c h w

torch.nn.Embedding(num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0,
        scale_grad_by_freq=False, sparse=False, _weight=None, _freeze=False, device=None, dtype=None)
    *b :index -> *b embedding_dim :float
torch.nn.EmbeddingBag(num_embeddings, embedding_dim, max_norm=None, norm_type=2.0, scale_grad_by_freq=False,
        mode='mean', sparse=False, _weight=None, include_last_offset=False, padding_idx=None, device=None, dtype=None)
        (input, offsets=None, per_sample_weights=None)
    !indexing.embedding_bag

torch.nn.LSTM(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, proj_size=0, device=None, dtype=None) (input, hx=None)
    !recurrent.recurrent
torch.nn.GRU(input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False,
        device=None, dtype=None) (input, hx=None)
    !recurrent.recurrent
torch.nn.RNN(input_size, hidden_size, num_layers=1, nonlinearity='tanh', bias=True, batch_first=False, dropout=0.0,
        bidirectional=False, device=None, dtype=None) (input, hx=None)
    !recurrent.recurrent
torch.nn.LSTMCell|GRUCell(input_size, hidden_size, bias=True, device=None, dtype=None) (input, hx=None)
    !recurrent.cell
torch.nn.RNNCell(input_size, hidden_size, bias=True, nonlinearity='tanh', device=None, dtype=None) (input, hx=None)
    !recurrent.cell

torch.nn.MultiheadAttention(embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False,
        kdim=None, vdim=None, batch_first=False, device=None, dtype=None)
        (query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True,
        is_causal=False)
    !attention.multi_head
torch.nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=None,
        layer_norm_eps=1e-05, batch_first=False, norm_first=False, bias=True, device=None, dtype=None)
        (src, src_mask=None, src_key_padding_mask=None, is_causal=False)
    !attention.layer
torch.nn.TransformerDecoderLayer(d_model, nhead, dim_feedforward=2048, dropout=0.1, activation=None,
        layer_norm_eps=1e-05, batch_first=False, norm_first=False, bias=True, device=None, dtype=None)
        (tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
        tgt_is_causal=False, memory_is_causal=False)
    !attention.layer
torch.nn.TransformerEncoder(encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True)
        (src, mask=None, src_key_padding_mask=None, is_causal=None)
    !attention.stack
torch.nn.TransformerDecoder(decoder_layer, num_layers, norm=None)
        (tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None,
        tgt_is_causal=None, memory_is_causal=False)
    !attention.stack
torch.nn.Transformer(d_model=512, nhead=8, num_encoder_layers=6, num_decoder_layers=6, dim_feedforward=2048,
        dropout=0.1, activation=None, custom_encoder=None, custom_decoder=None, layer_norm_eps=1e-05,
        batch_first=False, norm_first=False, bias=True, device=None, dtype=None)
        (src, tgt, src_mask=None, tgt_mask=None, memory_mask=None, src_key_padding_mask=None,
        tgt_key_padding_mask=None, memory_key_padding_mask=None, src_is_causal=None, tgt_is_causal=None,
        memory_is_causal=False)
    !attention.layer

torch.nn.Dropout|AlphaDropout|FeatureAlphaDropout(p=0.5, inplace=False) *s -> *s
torch.nn.Dropout1d(p=0.5, inplace=False) [b] c n -> [b] c n
torch.nn.Dropout2d|Dropout3d(p=0.5, inplace=False) *s -> *s
torch.nn.ReLU|ReLU6|SELU|SiLU|Mish|Hardswish|Hardsigmoid(inplace=False) *s -> *s
torch.nn.Tanh|Sigmoid|LogSigmoid|Softsign|Tanhshrink() *s -> *s
torch.nn.GELU(approximate='none') *s -> *s
torch.nn.LeakyReLU(negative_slope=0.01, inplace=False) *s -> *s
torch.nn.ELU|CELU(alpha=1.0, inplace=False) *s -> *s
torch.nn.RReLU(lower=0.125, upper=0.3333333333333333, inplace=False) *s -> *s
torch.nn.Hardtanh(min_val=-1.0, max_val=1.0, inplace=False) *s -> *s
torch.nn.Hardshrink|Softshrink(lambd=0.5) *s -> *s
torch.nn.Softplus(beta=1.0, threshold=20.0) *s -> *s
torch.nn.Threshold(threshold, value, inplace=False) *s -> *s
torch.nn.PReLU(num_parameters=1, init=0.25, device=None, dtype=None) !normalization.slopes
torch.nn.GLU(dim=-1) *s -> halved(s,dim)
torch.nn.Softmax|LogSoftmax|Softmin(dim=None) *s -> along(s,dim)
torch.nn.Softmax2d() [b] c h w -> [b] c h w
torch.nn.AdaptiveLogSoftmaxWithLoss(in_features, n_classes, cutoffs, div_value=4.0, head_bias=False, device=None,
        dtype=None) (input_, target_)
    [b] in_features, [b] :index -> [b], ()

torch.nn.Flatten(start_dim=1, end_dim=-1) *s -> flatten(s,start_dim,end_dim)
torch.nn.Unflatten(dim, unflattened_size) *s -> unflatten(s,dim,unflattened_size)
torch.nn.PixelShuffle(upscale_factor)
    *b c h w -> *b ratio(c,upscale_factor*upscale_factor) h*upscale_factor w*upscale_factor
torch.nn.PixelUnshuffle(downscale_factor)
    *b c h w -> *b c*downscale_factor*downscale_factor ratio(h,downscale_factor) ratio(w,downscale_factor)
torch.nn.ChannelShuffle(groups) b c *s -> b c *s
torch.nn.Upsample(size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None)
    *s -> interpolated(s)
torch.nn.UpsamplingNearest2d(size=None, scale_factor=None) *s -> interpolated(s)
torch.nn.UpsamplingBilinear2d(size=None, scale_factor=None) b c h w -> b c scaled(h,0) scaled(w,1)
torch.nn.CosineSimilarity(dim=1, eps=1e-08) (x1, x2) #*s, #*s -> reduce(s,dim,False)
torch.nn.PairwiseDistance(p=2.0, eps=1e-06, keepdim=False) (x1, x2) #*s, #*s -> reduce(s,-1,keepdim)

torch.nn.L1Loss|MSELoss|SoftMarginLoss(size_average=None, reduce=None, reduction='mean') (input, target)
    !losses.pointwise
torch.nn.SmoothL1Loss(size_average=None, reduce=None, reduction='mean', beta=1.0) (input, target) !losses.pointwise
torch.nn.HuberLoss(reduction='mean', delta=1.0) (input, target) !losses.pointwise
torch.nn.KLDivLoss(size_average=None, reduce=None, reduction='mean', log_target=False) (input, target)
    !losses.pointwise
torch.nn.PoissonNLLLoss(log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction='mean')
        (log_input, target)
    !losses.pointwise
torch.nn.HingeEmbeddingLoss(margin=1.0, size_average=None, reduce=None, reduction='mean') (input, target)
    !losses.pointwise
torch.nn.GaussianNLLLoss(full=False, eps=1e-06, reduction='mean') (input, target, var) !losses.gaussian
torch.nn.BCELoss(weight=None, size_average=None, reduce=None, reduction='mean') (input, target) !losses.alike
torch.nn.BCEWithLogitsLoss(weight=None, size_average=None, reduce=None, reduction='mean', pos_weight=None)
        (input, target)
    !losses.alike
torch.nn.MultiLabelSoftMarginLoss(weight=None, size_average=None, reduce=None, reduction='mean') (input, target)
    !losses.by_row
torch.nn.CrossEntropyLoss(weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean',
        label_smoothing=0.0) (input, target)
    !losses.classes
torch.nn.NLLLoss|NLLLoss2d(weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean')
        (input, target)
    !losses.classes
torch.nn.MultiMarginLoss(p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction='mean')
        (input, target)
    !losses.margin
torch.nn.MultiLabelMarginLoss(size_average=None, reduce=None, reduction='mean') (input, target) !losses.margin
torch.nn.MarginRankingLoss(margin=0.0, size_average=None, reduce=None, reduction='mean') (input1, input2, target)
    !losses.ranking
torch.nn.CosineEmbeddingLoss(margin=0.0, size_average=None, reduce=None, reduction='mean') (input1, input2, target)
    !losses.cosine
torch.nn.TripletMarginLoss(margin=1.0, p=2.0, eps=1e-06, swap=False, size_average=None, reduce=None,
        reduction='mean') (anchor, positive, negative)
    !losses.by_row
torch.nn.TripletMarginWithDistanceLoss(distance_function=None, margin=1.0, swap=False, reduction='mean')
        (anchor, positive, negative)
    !losses.by_row
torch.nn.CTCLoss(blank=0, reduction='mean', zero_infinity=False) (log_probs, targets, input_lengths, target_lengths)
    !losses.connectionist
"""
