using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Roma.Core;
using Roma.Models.Checkpoints;

namespace Roma.Models.Lora;

/// <summary>Which linear layers get a low-rank adapter, and of what size (Hu et al., "LoRA: low-rank adaptation of large language models", 2021). The same as PEFT's <c>adapter_config.json</c>.</summary>
public sealed record LoraSettings
{
    /// <summary>All linear layers of the language model.</summary>
    public const string LanguageModel = @"model\.language_model\..*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)";

    private const int MaxRank = 4096;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1); // a pattern from a file may backtrack without end
    private readonly Func<string, bool> _matches;

    /// <summary>Checks the ranges.</summary>
    /// <param name="rank">Width between the two factors, 1 to 4096.</param>
    /// <param name="alpha">The adapter's product is multiplied with alpha / rank; above 0.</param>
    /// <param name="targets">Names of layers, or ends of names behind a dot (<c>q_proj</c>); null: all of the language model.</param>
    /// <param name="pattern">Instead of <paramref name="targets"/> a regular expression for whole names, for example <see cref="LanguageModel"/>.</param>
    /// <param name="rankStabilized">Multiply with alpha / sqrt(rank) instead (Kalajdzievski, 2023).</param>
    /// <param name="dropout">The share of the inputs of the first factor that training sets to zero, 0 to below 1.</param>
    /// <exception cref="RomaException">A value is out of range, or the expression invalid.</exception>
    public LoraSettings(int rank = 16, double alpha = 32, IReadOnlyList<string>? targets = null, string? pattern = null, bool rankStabilized = false, double dropout = 0)
    {
        if (rank is < 1 or > MaxRank || !(alpha > 0))
            throw new RomaException($"LoRA needs a rank from 1 to {MaxRank} and alpha above 0, not {rank} and {alpha}.");
        if (dropout is not (>= 0 and < 1))
            throw new RomaException($"LoRA's dropout is from 0 to below 1, not {dropout}.");
        (Rank, Alpha, Targets, Pattern, RankStabilized, Dropout) = (rank, alpha, targets, targets is null ? pattern ?? LanguageModel : null, rankStabilized, dropout);
        Scale = alpha / (rankStabilized ? Math.Sqrt(rank) : rank);
        try
        {
            Regex? whole = Pattern is null ? null : new Regex($@"\A(?:{Pattern})\z", RegexOptions.CultureInvariant, Timeout);
            _matches = whole is not null ? whole.IsMatch : name => Targets!.Any(target => name == target || name.EndsWith("." + target, StringComparison.Ordinal));
        }
        catch (ArgumentException e)
        {
            throw new RomaException($"The pattern of LoRA's layers is no regular expression: {e.Message}", inner: e);
        }
    }

    /// <summary>Width between the two factors.</summary>
    public int Rank { get; }

    /// <summary>Numerator of the scale.</summary>
    public double Alpha { get; }

    /// <summary>Names of layers or ends of names; null where a pattern says it.</summary>
    public IReadOnlyList<string>? Targets { get; }

    /// <summary>Regular expression for whole names; null where targets are listed.</summary>
    public string? Pattern { get; }

    /// <summary>Whether the scale is alpha / sqrt(rank).</summary>
    public bool RankStabilized { get; }

    /// <summary>The share of the inputs of the first factor that training sets to zero.</summary>
    public double Dropout { get; }

    /// <summary>What the adapter's product is multiplied with.</summary>
    public double Scale { get; }

    /// <summary>Whether a layer gets an adapter.</summary>
    /// <param name="layer">Its name, for example <c>model.language_model.layers.0.mlp.up_proj</c>.</param>
    public bool Covers(string layer) => _matches(layer);

    /// <summary>Reads the content of an <c>adapter_config.json</c>.</summary>
    internal static LoraSettings Parse(JsonObject json, string where)
    {
        var reader = new ConfigReader(json, where);
        int rank = reader.Int("r", 1, MaxRank);
        double alpha = reader.Double("lora_alpha", 1e-9, 1e9);
        double dropout = reader.Double("lora_dropout", 0, 0.999, 0);
        bool stabilized = reader.Bool("use_rslora", false);
        reader.Demand(reader.Text(["peft_type"], "LORA") == "LORA", $"peft_type is {json["peft_type"]}, supported is LORA");
        reader.Demand(reader.Text(["bias"], "none") == "none", $"bias is {json["bias"]}, supported is none");
        foreach (string key in new[] { "use_dora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out" })
            reader.Demand(!reader.Bool(key, false), $"{key} is true, which is not supported");
        foreach (string key in new[] { "alpha_pattern", "rank_pattern", "modules_to_save", "layers_to_transform", "layer_replication", "exclude_modules", "trainable_token_indices", "target_parameters" })
            reader.Demand(json[key] is null or JsonObject { Count: 0 } or JsonArray { Count: 0 }, $"{key} is set, which is not supported");
        bool listed = json["target_modules"] is JsonArray;
        string[] targets = listed ? [.. json["target_modules"]!.AsArray().OfType<JsonValue>().Select(target => target.ToString())] : [];
        string pattern = listed ? "" : reader.Text(["target_modules"]);
        reader.ThrowIfFaulty();
        return new(rank, alpha, listed ? targets : null, pattern == "all-linear" ? LanguageModel.Replace("language_model", "(language_model|visual)", StringComparison.Ordinal) : pattern, stabilized, dropout);
    }

    /// <summary>Content for an <c>adapter_config.json</c>, starting from one that was read, if any.</summary>
    internal JsonObject Json(JsonObject? read)
    {
        JsonObject json = read?.DeepClone().AsObject() ?? new JsonObject { ["peft_type"] = "LORA", ["task_type"] = "CAUSAL_LM", ["bias"] = "none", ["fan_in_fan_out"] = false };
        json["r"] = Rank;
        json["lora_alpha"] = Alpha;
        json["lora_dropout"] = Dropout;
        json["use_rslora"] = RankStabilized;
        json["inference_mode"] = true;
        json["target_modules"] = Targets is null ? Pattern : new JsonArray([.. Targets.Select(target => (JsonNode)target)]);
        return json;
    }
}
