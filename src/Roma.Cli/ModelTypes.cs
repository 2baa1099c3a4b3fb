using System.CommandLine;
using TorchSharp;

namespace Roma.Cli;

/// <summary>The element types of weights as configurations and command lines name them.</summary>
internal static class ModelTypes
{
    private static readonly Dictionary<string, torch.ScalarType> Known = new()
    {
        ["float32"] = torch.ScalarType.Float32, ["bfloat16"] = torch.ScalarType.BFloat16, ["float16"] = torch.ScalarType.Float16,
    };

    /// <summary>Adds <c>--dtype</c> to a verb.</summary>
    public static Option<string> Option(Verb verb, string description, string? standard)
    {
        var option = new Option<string>("--dtype") { Description = $"{description} {string.Join(", ", Known.Keys)}." };
        if (standard is not null)
            option.DefaultValueFactory = _ => standard;
        option.AcceptOnlyFromAmong([.. Known.Keys]);
        verb.Options.Add(option);
        return option;
    }

    /// <summary>The type of a name.</summary>
    public static torch.ScalarType Parse(string name) => Known[name];
}
