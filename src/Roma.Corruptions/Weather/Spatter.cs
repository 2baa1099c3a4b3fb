using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Weather;

/// <summary>Drops of water or mud on the lens.</summary>
/// <param name="Mean">Mean of the normal field that drops are cut from, -1 to 2.</param>
/// <param name="Sigma">Its standard deviation, 0 to 2.</param>
/// <param name="Size">Standard deviation of its blur in pixels, above 0 to 100: the drops' size.</param>
/// <param name="Threshold">What of the field is above becomes a drop, 0 to 1.</param>
/// <param name="Strength">Water: the drops' opacity, 0 to 10. Mud: standard deviation in pixels of the blur of their rims.</param>
/// <param name="Mud">Brown mud instead of pale water.</param>
[Name("spatter")]
public sealed record Spatter(double Mean, double Sigma, double Size, double Threshold, double Strength, bool Mud) : StochasticCorruption
{
    private const int Channels = 3;
    private static readonly float[] Water = [175, 238, 238], Earth = [63, 42, 20];

    /// <summary>Mean of the normal field.</summary>
    public double Mean { get; init; } = Guard.InRange(Mean, -1, 2, "of the full range");

    /// <summary>Its standard deviation.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 0, 2, "of the full range");

    /// <summary>Standard deviation of its blur.</summary>
    public double Size { get; init; } = Guard.InRange(Size, 1e-3, 100, "pixels");

    /// <summary>What of the field is above becomes a drop.</summary>
    public double Threshold { get; init; } = Guard.InRange(Threshold, 0, 1, "of the full range");

    /// <summary>Opacity of water, or blur of mud's rims.</summary>
    public double Strength { get; init; } = Guard.InRange(Strength, 0, 100, "(opacity, or pixels)");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddNormal("normal", checked(width * height), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        using Scratch<float> liquid = new(image.Width * image.Height), layer = new(liquid.Span.Length);
        Pour(image.Width, image.Height, fields, fidelity, liquid.Span);
        if (Mud)
            MudLayer(liquid.Span, image.Width, image.Height, layer.Span);
        else if (!WaterLayer(liquid.Span, image.Width, image.Height, layer.Span))
            return Dry(image, fidelity);
        return Blend(image, layer.Span, fidelity);
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Size = Math.Min(Size * factor, 100), Strength = Mud ? Math.Min(Strength * factor, 100) : Strength };

    /// <summary>The blurred field.</summary>
    internal void Pour(int width, int height, Fields fields, Fidelity fidelity, Span<float> liquid)
    {
        fields.Read("normal", 0, liquid).CopyTo(liquid);
        if (fidelity == Fidelity.Rounded)
        {
            using Scratch<float> drops = new(liquid.Length);
            OpenCvFilters.GaussianBlur<float>(liquid, drops.Span, width, height, 1, (Size, Size));
            for (int i = 0; i < liquid.Length; i++)
                liquid[i] = (float)Mean + (float)Sigma * drops.Span[i];
            return;
        }
        using Scratch<double> values = new(liquid.Length);
        for (int i = 0; i < liquid.Length; i++)
            values.Span[i] = Mean + Sigma * liquid[i];
        ScipyGaussian.Blur(values.Span, width, height, 1, (Size, Size), 4, Border.Replicate);
        for (int i = 0; i < liquid.Length; i++)
            liquid[i] = (float)values.Span[i];
    }

    /// <summary>The rims of mud: the blurred mask of drops before weak parts are cut off.</summary>
    internal void Rims(ReadOnlySpan<float> liquid, int width, int height, Span<float> rims)
    {
        using var mask = new Scratch<float>(liquid.Length);
        for (int i = 0; i < liquid.Length; i++)
            mask.Span[i] = liquid[i] > Threshold ? 1 : 0;
        OpenCvFilters.GaussianBlur<float>(mask.Span, rims, width, height, 1, (Strength, Strength));
    }

    private void MudLayer(ReadOnlySpan<float> liquid, int width, int height, Span<float> layer)
    {
        Rims(liquid, width, height, layer);
        foreach (ref float share in layer)
            share = share < 0.8f ? 0 : share;
    }

    // Drops of eight bits, weighted by the distance from their edges and embossed; false where there is none.
    private unsafe bool WaterLayer(ReadOnlySpan<float> liquid, int width, int height, Span<float> layer)
    {
        using Scratch<byte> drops = new(liquid.Length), edges = new(liquid.Length), relief = new(liquid.Length);
        float threshold = (float)Threshold;
        Span<float> levels = layer;
        for (int i = 0; i < levels.Length; i++)
            levels[i] = liquid[i] < threshold ? 0 : liquid[i] * 255;
        Levels.ToBytes(levels, drops.Span, Fidelity.Parity);
        fixed (byte* dropsAt = drops.Span, edgesAt = edges.Span, reliefAt = relief.Span)
        fixed (float* layerAt = layer)
        {
            using Mat drop = Mats.Of(dropsAt, width, height, MatType.CV_8UC1), edge = Mats.Of(edgesAt, width, height, MatType.CV_8UC1);
            using Mat level = Mats.Of(reliefAt, width, height, MatType.CV_8UC1), distance = Mats.Of(layerAt, width, height, MatType.CV_32FC1);
            Cv2.Canny(drop, edge, 50, 150);
            Cv2.BitwiseNot(edge, edge);
            Cv2.DistanceTransform(edge, distance, DistanceTypes.L2, DistanceTransformMasks.Mask5);
            Cv2.Threshold(distance, distance, 20, 20, ThresholdTypes.Trunc);
            Cv2.Blur(distance, distance, new Size(3, 3));
            Levels.ToBytes(layer, edges.Span, Fidelity.Parity);
            Cv2.EqualizeHist(edge, level);
            using Mat emboss = Mat.FromPixelData(3, 3, MatType.CV_32FC1, new float[] { -2, -1, 0, -1, 1, 1, 0, 1, 2 });
            Cv2.Filter2D(level, edge, MatType.CV_8U, emboss);
            Cv2.Blur(edge, edge, new Size(3, 3));
        }
        int max = 0;
        Span<byte> depth = drops.Span, light = edges.Span[..depth.Length];
        for (int i = 0; i < depth.Length; i++)
            max = Math.Max(max, depth[i] * light[i]);
        float share = (float)Strength / Math.Max(max, 1);
        for (int i = 0; i < layer.Length; i++)
            layer[i] = depth[i] * light[i] * share;
        return max > 0;
    }

    private RgbImage Blend(RgbImage image, ReadOnlySpan<float> layer, Fidelity fidelity)
    {
        (float[] colour, float cover) = (Mud ? Earth : Water, Mud ? 1f : 0f);
        (float red, float green, float blue) = (colour[0], colour[1], colour[2]);
        RgbImage result = image.Clone();
        Span<byte> pixels = result.Pixels;
        float offset = Levels.Offset(fidelity);
        for (int i = 0, at = 0; i < layer.Length; i++, at += Channels)
        {
            if (layer[i] is float share and > 0)
            {
                float rest = 1 - cover * share;
                pixels[at] = (byte)(Math.Min(pixels[at] * rest + share * red, 255) + offset);
                pixels[at + 1] = (byte)(Math.Min(pixels[at + 1] * rest + share * green, 255) + offset);
                pixels[at + 2] = (byte)(Math.Min(pixels[at + 2] * rest + share * blue, 255) + offset);
            }
        }
        return result;
    }

    // The reference divides by the layer's maximum: where no drop falls, all of the picture becomes not-a-number and then black.
    private static RgbImage Dry(RgbImage image, Fidelity fidelity)
    {
        RgbImage result = image.Clone();
        if (fidelity == Fidelity.Parity)
            result.Pixels.AsSpan().Clear();
        return result;
    }
}
