using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Layers;

namespace Roma.Models.Families;

/// <summary>
/// A family of vision-language models: what its members have in common and other families have not. A sealed record with a <see cref="Core.NameAttribute"/>, which is the
/// <c>model_type</c> of its checkpoints; found by <see cref="Architecture"/>.
/// </summary>
public interface IModelFamily
{
    /// <summary>What <c>architectures</c> in <c>config.json</c> names.</summary>
    string Architecture { get; }

    /// <summary>How conversations become text.</summary>
    ChatFormat Chat { get; }

    /// <summary>The sizes of which an untrained model can be made, by name.</summary>
    IReadOnlyDictionary<string, IModelSize> Sizes { get; }

    /// <summary>What a configuration asks for that is not implemented, one sentence each; empty where all is well.</summary>
    /// <param name="config">A configuration of this family.</param>
    IEnumerable<string> Faults(ModelConfig config);

    /// <summary>Makes the vision tower, weights uninitialised.</summary>
    /// <param name="config">Geometry.</param>
    VisionEncoder Vision(VisionConfig config);

    /// <summary>Makes the language model, weights uninitialised.</summary>
    /// <param name="config">Geometry.</param>
    LanguageModel Language(TextConfig config);

    /// <summary>The key under which published checkpoints store a parameter.</summary>
    /// <param name="parameter">Its name in the network: <c>model.visual...</c>, <c>model.language_model...</c> or <c>lm_head.weight</c>.</param>
    string StoredKey(string parameter);
}
