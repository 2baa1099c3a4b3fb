using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Compression;

/// <summary>Keeps the luma and averages the chroma over blocks, as video does: thin coloured lines lose their colour to their surroundings.</summary>
/// <param name="Block">Side of a block in pixels, 1 to 1000: 2 is 4:2:0.</param>
[Name("chroma_subsampling")]
public sealed record ChromaSubsampling(double Block) : ICorruption
{
    /// <summary>Side of a block in pixels.</summary>
    public double Block { get; init; } = Guard.InRange(Block, 1, 1000, "pixels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) => Mats.Filter(image, (input, output) =>
    {
        using Mat full = new(), chroma = new();
        Cv2.CvtColor(input, full, ColorConversionCodes.RGB2YCrCb);
        Cv2.Resize(full, chroma, new Size(Shrink(image.Width), Shrink(image.Height)), 0, 0, InterpolationFlags.Area);
        Cv2.Resize(chroma, output, output.Size(), 0, 0, InterpolationFlags.Linear);
        Cv2.MixChannels([full], [output], [0, 0]);
        Cv2.CvtColor(output, output, ColorConversionCodes.YCrCb2RGB);
    });

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => this with { Block = Math.Max(1, Block * factor) };

    private int Shrink(int side) => Math.Max(1, (int)Math.Round(side / Block));
}
