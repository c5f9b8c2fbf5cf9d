"""The field's terms in other scripts and their usual English names: a table."""

TERMS = {
    "注意力": "attention", "自注意力": "self_attention", "多头注意力": "multi_head_attention", "交叉注意力": "cross_attention",
    "多头自注意力": "multi_head_self_attention", "注意力权重": "attention_weights", "前馈神经网络": "feed_forward",
    "前馈网络": "feed_forward", "前馈层": "feed_forward", "前馈": "feed_forward", "全连接": "fully_connected",
    "全连接层": "fully_connected", "线性层": "linear", "线性": "linear", "卷积": "conv", "卷积层": "conv", "池化": "pool",
    "池化层": "pool", "嵌入": "embedding", "嵌入层": "embedding", "词嵌入": "word_embedding", "位置编码": "positional_encoding",
    "编码器": "encoder", "解码器": "decoder", "编码": "encoding", "层归一化": "layer_norm", "归一化": "norm",
    "批归一化": "batch_norm", "批量归一化": "batch_norm", "残差": "residual", "残差块": "residual_block", "激活": "activation",
    "激活函数": "activation", "丢弃": "dropout", "随机失活": "dropout", "输出": "output", "输出层": "output_layer",
    "输入": "input", "输入层": "input_layer", "隐藏层": "hidden_layer", "隐藏状态": "hidden_state", "隐藏": "hidden",
    "分类器": "classifier", "分类": "classifier", "生成器": "generator", "判别器": "discriminator", "损失": "loss",
    "损失函数": "loss_function", "优化器": "optimizer", "学习率": "learning_rate", "模型": "model", "网络": "network",
    "神经网络": "neural_network", "查询": "query", "键": "key", "值": "value", "权重": "weight", "偏置": "bias", "门控": "gate",
    "投影": "projection", "评分": "score", "得分": "score", "数据": "data", "标签": "label", "循环": "recurrent",
    "внимание": "attention", "кодировщик": "encoder", "декодировщик": "decoder", "свёртка": "conv", "свертка": "conv",
    "слой": "layer", "слои": "layers", "линейный": "linear", "выход": "output", "вход": "input", "модель": "model",
    "нормализация": "norm", "эмбеддинг": "embedding", "потери": "loss", "оптимизатор": "optimizer", "веса": "weights",
    "エンコーダ": "encoder", "デコーダ": "decoder", "注意機構": "attention", "埋め込み": "embedding", "畳み込み": "conv",
    "損失": "loss", "出力": "output", "入力": "input", "어텐션": "attention", "인코더": "encoder", "디코더": "decoder",
    "임베딩": "embedding", "합성곱": "conv", "손실": "loss", "출력": "output", "입력": "input",
}  # fmt: skip
