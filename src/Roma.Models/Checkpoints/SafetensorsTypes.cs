using static TorchSharp.torch;

namespace Roma.Models.Checkpoints;

/// <summary>The element types of the format that libtorch knows too.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ScalarType Type, int Size)[] All =
    [
        ("BOOL", ScalarType.Bool, 1), ("U8", ScalarType.Byte, 1), ("I8", ScalarType.Int8, 1), ("I16", ScalarType.Int16, 2), ("I32", ScalarType.Int32, 4),
        ("I64", ScalarType.Int64, 8), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2), ("F32", ScalarType.Float32, 4), ("F64", ScalarType.Float64, 8),
    ];

    public static string Allowed { get; } = string.Join(", ", All.Select(t => t.Name));

    public static ScalarType? Parse(string? name) => All.Where(t => t.Name == name).Select(t => (ScalarType?)t.Type).FirstOrDefault();

    public static string? NameOf(ScalarType type) => All.Where(t => t.Type == type).Select(t => t.Name).FirstOrDefault();

    public static int SizeOf(ScalarType type) => All.First(t => t.Type == type).Size;
}
