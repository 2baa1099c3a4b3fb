using System.Text.Json.Nodes;
using Roma.Models.Tokenization;

namespace Roma.Models.Families;

/// <summary>The sizes of a model, from which the files of an untrained one are written.</summary>
public interface IModelSize
{
    /// <summary>Longest context.</summary>
    int MaxPositions { get; }

    /// <summary>The content of <c>config.json</c>, element type <c>float32</c>.</summary>
    /// <param name="tokenizer">Gives the ids of the special tokens.</param>
    JsonObject Config(Tokenizer tokenizer);

    /// <summary>The content of <c>preprocessor_config.json</c>.</summary>
    JsonObject Preprocessor();
}
