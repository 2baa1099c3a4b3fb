using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Distortion;

/// <summary>The elastic distortion of the published ImageNet-C data: a random affine map, then smooth random displacements; lengths are absolute.</summary>
/// <param name="Alpha">What the smoothed draws of -1 to 1 are multiplied by, in pixels, 0 to 10000.</param>
/// <param name="Sigma">Standard deviation of the smoothing in pixels, above 0 to 1000.</param>
/// <param name="Jitter">By how many pixels at most each coordinate of the affine map's three points moves, 0 to 1000.</param>
[Name("elastic_imagenetc")]
public sealed record ElasticImageNetC(double Alpha, double Sigma, double Jitter) : StochasticCorruption
{
    /// <summary>What the smoothed draws are multiplied by.</summary>
    public double Alpha { get; init; } = Guard.InRange(Alpha, 0, 10_000, "pixels");

    /// <summary>Standard deviation of the smoothing.</summary>
    public double Sigma { get; init; } = Guard.InRange(Sigma, 1e-3, 1000, "pixels");

    /// <summary>How far the affine map's points move.</summary>
    public double Jitter { get; init; } = Guard.InRange(Jitter, 0, 1000, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Span<float> after = fields.Add("points_after", 6);
        Points(width, height).CopyTo(after);
        foreach (ref float coordinate in after)
            coordinate += (float)random.Uniform(-Jitter, Jitter);
        fields.AddUniform("uniform_dx", checked(width * height), random);
        fields.AddUniform("uniform_dy", width * height, random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (int width, int height) = (image.Width, image.Height);
        Scratch<float> dx = new(width * height), dy = new(width * height);
        Displace("uniform_dx", width, height, fields, fidelity, dx.Span);
        Displace("uniform_dy", width, height, fields, fidelity, dy.Span);
        double[] affine = Affine(width, height, fields["points_after"]);
        RgbImage result;
        if (fidelity == Fidelity.Parity)
        {
            result = Precise(image, affine, dx.Span, dy.Span);
        }
        else
        {
            using var turned = RgbImage.Rent(width, height);
            using Mat from = Mats.Of(image), to = Mats.Of(turned);
            Warp.Affine(from, to, affine, BorderTypes.Reflect101);
            result = Bilinear.Warp(turned, (y, across, down) =>
            {
                dx.Span.Slice(y * width, width).CopyTo(across);
                dy.Span.Slice(y * width, width).CopyTo(down);
            }, Border.Reflect, fidelity);
        }
        dx.Dispose();
        dy.Dispose();
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) =>
        this with { Alpha = Math.Min(Alpha * factor, 10_000), Sigma = Math.Min(Sigma * factor, 1000), Jitter = Math.Min(Jitter * factor, 1000) };

    /// <summary>The displacements in pixels that a field of draws gives.</summary>
    internal void Displace(string field, int width, int height, Fields fields, Fidelity fidelity, Span<float> displacement) =>
        ElasticField.Fill(fields, field, width, height, (Sigma, Sigma), Alpha, fidelity, displacement);

    // Three corners of a square about the centre as (x, y); as published, the centre's coordinates are (height, width) / 2.
    private static float[] Points(int width, int height)
    {
        float x = height / 2, y = width / 2, half = Math.Min(width, height) / 3;
        return [x + half, y + half, x + half, y - half, x - half, y - half];
    }

    // From places of the result to places of the picture.
    private static double[] Affine(int width, int height, ReadOnlySpan<float> after)
    {
        float[] before = Points(width, height);
        if (Math.Min(width, height) < 3) // the three points are one
            return [1, 0, 0, 0, 1, 0];
        using Mat affine = Cv2.GetAffineTransform([new(before[0], before[1]), new(before[2], before[3]), new(before[4], before[5])], [new(after[0], after[1]), new(after[2], after[3]), new(after[4], after[5])]), inverse = new();
        Cv2.InvertAffineTransform(affine, inverse);
        inverse.GetArray(out double[] rows);
        return rows;
    }

    // Both steps on real numbers, as the reference does.
    private static unsafe RgbImage Precise(RgbImage image, double[] affine, ReadOnlySpan<float> dx, ReadOnlySpan<float> dy)
    {
        (int width, int height) = (image.Width, image.Height);
        using Scratch<float> levels = new(image.Pixels.Length), turned = new(image.Pixels.Length), row = new(width * 3);
        for (int i = 0; i < image.Pixels.Length; i++)
            levels.Span[i] = (float)(image.Pixels[i] / 255.0);
        fixed (float* from = levels.Span, to = turned.Span)
        {
            using Mat source = Mats.Of(from, width, height, MatType.CV_32FC3), target = Mats.Of(to, width, height, MatType.CV_32FC3);
            Warp.Affine(source, target, affine, BorderTypes.Reflect101);
        }
        var result = RgbImage.Rent(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double sx = x + (double)dx[y * width + x], sy = y + (double)dy[y * width + x];
                int left = (int)Math.Floor(sx), top = (int)Math.Floor(sy);
                double right = sx - left, down = sy - top;
                for (int c = 0; c < 3; c++)
                {
                    double upper = At(turned.Span, left, top, c) * (1 - right) + At(turned.Span, left + 1, top, c) * right;
                    double lower = At(turned.Span, left, top + 1, c) * (1 - right) + At(turned.Span, left + 1, top + 1, c) * right;
                    float level = (float)(upper * (1 - down) + lower * down) * 255; // as the reference, which keeps single precision
                    result.Pixels[(y * width + x) * 3 + c] = Levels.ToByte(level, Fidelity.Parity);
                }
            }
        }
        return result;

        float At(ReadOnlySpan<float> plane, int x, int y, int c) => plane[(Border.Reflect.Index(y, height) * width + Border.Reflect.Index(x, width)) * 3 + c];
    }
}
