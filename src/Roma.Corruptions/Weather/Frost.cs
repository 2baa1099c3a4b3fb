using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Weather;

/// <summary>Adds a part of a frosted window.</summary>
/// <param name="Keep">The picture's weight, 0 to 1.</param>
/// <param name="Ice">The window's weight, 0 to 1.</param>
/// <param name="Folder">A folder of photographs to use for windows; null for procedural ones.</param>
[Name("frost")]
public sealed record Frost(double Keep, double Ice, string? Folder) : StochasticCorruption
{
    private const double Enlargement = 1.1;

    /// <summary>The picture's weight.</summary>
    public double Keep { get; init; } = Guard.InRange(Keep, 0, 1, "of the picture");

    /// <summary>The window's weight.</summary>
    public double Ice { get; init; } = Guard.InRange(Ice, 0, 1, "of the window");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Span<float> window = fields.Add("window", 3); // which one, and where in it
        foreach (ref float draw in window)
            draw = random.NextSingle();
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        ReadOnlySpan<float> draws = fields["window"];
        IReadOnlyList<RgbImage> windows = Folder is null ? FrostWindows.Procedural : FrostWindows.FromFolder(Folder);
        RgbImage window = windows[(int)(draws[0] * windows.Count)];
        using RgbImage ice = Cut(window, image.Width, image.Height, draws[1], draws[2]);
        var result = RgbImage.Rent(image.Width, image.Height);
        ReadOnlySpan<byte> from = image.Pixels, frost = ice.Pixels;
        Span<byte> to = result.Pixels;
        if (fidelity == Fidelity.Rounded)
        {
            using Mat picture = Mats.Of(image), cover = Mats.Of(ice), sum = Mats.Of(result);
            Cv2.AddWeighted(picture, Keep, cover, Ice, 0, sum);
            return result;
        }
        for (int i = 0; i < to.Length; i++)
            to[i] = Levels.ToByte(Keep * from[i] + Ice * frost[i], fidelity);
        return result;
    }

    // A random part of the window, enlarged so that it covers the picture with some room to move, as published.
    private static RgbImage Cut(RgbImage window, int width, int height, float right, float down)
    {
        double scale = Enlargement * Math.Max(1, Math.Max(width / (double)window.Width, height / (double)window.Height));
        int partWidth = Math.Clamp((int)Math.Ceiling(width / scale), 1, window.Width), partHeight = Math.Clamp((int)Math.Ceiling(height / scale), 1, window.Height);
        var cut = RgbImage.Rent(width, height);
        using Mat from = Mats.Of(window), to = Mats.Of(cut);
        using Mat part = from[new Rect((int)(right * (window.Width - partWidth + 1)), (int)(down * (window.Height - partHeight + 1)), partWidth, partHeight)];
        Cv2.Resize(part, to, to.Size(), 0, 0, InterpolationFlags.Cubic);
        return cut;
    }
}
