using System.Text;
using System.Text.Json.Nodes;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Kernels;
using Roma.Models.Tokenization;
using static TorchSharp.torch;

namespace Roma.Models;

/// <summary>Writes models with random weights as Hugging Face folders, with a small tokenizer of their own: to be trained from scratch, or for tests and scale checks.</summary>
public static class UntrainedModel
{
    /// <summary>Writes a model folder. Weights are drawn while they are written: memory holds one at a time.</summary>
    /// <param name="directory">The folder to write; an existing one is replaced.</param>
    /// <param name="family">The family.</param>
    /// <param name="size">One of its sizes.</param>
    /// <param name="seed">Every seed gives other weights, on every machine the same.</param>
    /// <param name="deviation">
    /// Standard deviation of matrices and embeddings, as the reference draws them; null for a model that is trained from scratch in minutes: matrices 1 / sqrt(inputs), embeddings 0.1, and the
    /// patch embedding 5 times as wide, since neighbouring pixels are nearly equal and their contrast would drown (the digit grid is read after 300 steps of warm start instead of 900).
    /// </param>
    /// <param name="type">The weights' type.</param>
    /// <param name="shardBytes">Most bytes of weights a file; null: one file.</param>
    public static void Create(string directory, IModelFamily family, IModelSize size, long seed, double? deviation = null, ScalarType type = ScalarType.Float32, long? shardBytes = null)
    {
        byte[] vocabulary = Encoding.UTF8.GetBytes(NanoTokenizer.Json());
        var tokenizer = Tokenizer.Parse(vocabulary);
        var config = ModelConfig.Parse(size.Config(tokenizer));
        using var network = new VisionLanguageNetwork(config, device: META); // shapes alone
        using var generator = new Generator((ulong)seed);
        int end = tokenizer.IdOf("<|im_end|>"), pad = tokenizer.IdOf("<|endoftext|>");
        IEnumerable<StoredTensor> weights = network.named_parameters().Select(p => (p.name, p.parameter.shape))
            .Select(p => new StoredTensor(family.StoredKey(p.name), type, p.shape, () => Draw(p.name, p.shape, generator, deviation).to(type)));
        Checkpoint.WriteStored(directory, Checkpoint.WithType(config.Raw, type), weights, new Dictionary<string, byte[]>
        {
            ["tokenizer.json"] = vocabulary,
            ["preprocessor_config.json"] = Bytes(size.Preprocessor()),
            ["generation_config.json"] = Bytes(new() { ["bos_token_id"] = pad, ["eos_token_id"] = new JsonArray(end, pad), ["pad_token_id"] = pad }),
            ["tokenizer_config.json"] = Bytes(new()
            {
                ["tokenizer_class"] = "PreTrainedTokenizerFast", ["processor_class"] = (string?)size.Preprocessor()["processor_class"], ["eos_token"] = "<|im_end|>", ["pad_token"] = "<|endoftext|>",
                ["model_max_length"] = size.MaxPositions, ["chat_template"] = family.Chat.Template,
            }),
            ["chat_template.json"] = Bytes(new() { ["chat_template"] = family.Chat.Template }),
        }, shardBytes);
    }

    /// <summary>Matrices normal, biases zero, norms one.</summary>
    private static Tensor Draw(string name, long[] shape, Generator generator, double? deviation)
    {
        const double Embedding = 0.1, PatchGain = 5;
        if (shape.Length == 1)
            return name.EndsWith("bias", StringComparison.Ordinal) ? zeros(shape) : ones(shape);
        double inputs = shape.Skip(1).Aggregate(1.0, (product, width) => product * width);
        return randn(shape, generator: generator).mul_(Scalars.Of(deviation
            ?? (name.Contains("embed.weight", StringComparison.Ordinal) || name.Contains("embed_tokens", StringComparison.Ordinal) ? Embedding
            : (name.Contains("patch_embed", StringComparison.Ordinal) ? PatchGain : 1) / Math.Sqrt(inputs))));
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(JsonFile.Indented) + "\n");
}
