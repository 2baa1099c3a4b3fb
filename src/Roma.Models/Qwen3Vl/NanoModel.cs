using System.Text;
using System.Text.Json.Nodes;
using Roma.Models.Checkpoints;
using Roma.Models.Tokenization;
using static TorchSharp.torch;

namespace Roma.Models.Qwen3Vl;

/// <summary>Writes untrained models as Hugging Face folders, with a small tokenizer of their own.</summary>
public static class NanoModel
{
    // What ChatFormat.Qwen3Vl renders, as other programs want to read it.
    private const string ChatTemplate =
        "{%- for message in messages -%}{{- '<|im_start|>' + message.role + '\\n' -}}" +
        "{%- if message.content is string -%}{{- message.content -}}{%- else -%}{%- for part in message.content -%}" +
        "{%- if part.type == 'image' -%}{{- '<|vision_start|><|image_pad|><|vision_end|>' -}}{%- else -%}{{- part.text -}}{%- endif -%}{%- endfor -%}{%- endif -%}" +
        "{{- '<|im_end|>\\n' -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

    /// <summary>Writes an untrained model with random weights.</summary>
    /// <param name="directory">The folder to write; an existing one is replaced.</param>
    /// <param name="seed">Every seed gives other weights, on every machine the same.</param>
    /// <param name="deviation">See <see cref="Qwen3VlModel.Initialize"/>.</param>
    /// <param name="size">Its sizes; <see cref="Qwen3VlSize.Nano"/> where null.</param>
    public static void Create(string directory, long seed, double? deviation = null, Qwen3VlSize? size = null)
    {
        size ??= Qwen3VlSize.Nano;
        byte[] vocabulary = Encoding.UTF8.GetBytes(NanoTokenizer.Json());
        var tokenizer = Tokenizer.Parse(vocabulary);
        var config = ModelConfig.Parse(size.Config(tokenizer));
        using var network = new Qwen3VlModel(config);
        network.Initialize(seed, deviation);
        int end = tokenizer.IdOf("<|im_end|>"), pad = tokenizer.IdOf("<|endoftext|>");
        Checkpoint.Write(directory, config.Raw, network.named_parameters().Select(p => KeyValuePair.Create(p.name, (Tensor)p.parameter)), new Dictionary<string, byte[]>
        {
            ["tokenizer.json"] = vocabulary,
            ["preprocessor_config.json"] = Bytes(size.Preprocessor()),
            ["generation_config.json"] = Bytes(new() { ["bos_token_id"] = pad, ["eos_token_id"] = new JsonArray(end, pad), ["pad_token_id"] = pad }),
            ["tokenizer_config.json"] = Bytes(new()
            {
                ["tokenizer_class"] = "PreTrainedTokenizerFast", ["processor_class"] = "Qwen3VLProcessor", ["eos_token"] = "<|im_end|>", ["pad_token"] = "<|endoftext|>",
                ["model_max_length"] = size.MaxPositions, ["chat_template"] = ChatTemplate,
            }),
            ["chat_template.json"] = Bytes(new() { ["chat_template"] = ChatTemplate }),
        });
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString(JsonFile.Indented) + "\n");
}
