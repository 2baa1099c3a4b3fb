namespace Roma.Models.Qwen3Vl;

/// <summary>The embedded model: a Qwen3-VL of 650,000 parameters.</summary>
public static class NanoModel
{
    /// <summary>Writes it untrained, with random weights.</summary>
    /// <param name="directory">The folder to write; an existing one is replaced.</param>
    /// <param name="seed">Every seed gives other weights, on every machine the same.</param>
    /// <param name="deviation">See <see cref="UntrainedModel.Create"/>.</param>
    /// <param name="size">Other sizes of the family; <see cref="Qwen3VlSize.Nano"/> where null.</param>
    public static void Create(string directory, long seed, double? deviation = null, Qwen3VlSize? size = null) =>
        UntrainedModel.Create(directory, new Qwen3VlFamily(), size ?? Qwen3VlSize.Nano, seed, deviation);
}
