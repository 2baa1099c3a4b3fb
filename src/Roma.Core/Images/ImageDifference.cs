namespace Roma.Core;

/// <summary>How far a picture is from another one of the same size.</summary>
/// <param name="Psnr">Peak signal-to-noise ratio over all values, in dB; infinite for equal pictures.</param>
/// <param name="Ssim">Structural similarity, at most 1: the mean over channels and over all 7x7 windows (smaller ones in smaller pictures) inside the picture, with sample covariances.</param>
/// <param name="ChangedShare">The share of pixels, 0 to 1, that differ in any channel.</param>
public sealed record ImageDifference(double Psnr, double Ssim, double ChangedShare)
{
    private const int Window = 7;
    private const double C1 = 0.01 * 255 * 0.01 * 255, C2 = 0.03 * 255 * 0.03 * 255;

    /// <summary>Compares two pictures. SSIM is that of Wang et al., "Image quality assessment", 2004, with a uniform window.</summary>
    /// <param name="clean">The one picture.</param>
    /// <param name="other">The other one, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static ImageDifference Between(RgbImage clean, RgbImage other)
    {
        if ((clean.Width, clean.Height) != (other.Width, other.Height))
            throw new ArgumentException($"A picture of {clean.Width}x{clean.Height} pixels cannot be compared with one of {other.Width}x{other.Height}.");
        ReadOnlySpan<byte> x = clean.Pixels, y = other.Pixels;
        long squares = 0, changed = 0;
        for (int i = 0; i < x.Length; i += 3)
        {
            (int r, int g, int b) = (x[i] - y[i], x[i + 1] - y[i + 1], x[i + 2] - y[i + 2]);
            (squares, changed) = (squares + r * r + g * g + b * b, changed + ((r | g | b) != 0 ? 1 : 0));
        }
        return new(squares == 0 ? double.PositiveInfinity : 10 * Math.Log10(255.0 * 255.0 * x.Length / squares), squares == 0 ? 1 : Similarity(clean, other), changed / (x.Length / 3.0));
    }

    /// <summary>Sums over windows are exact integers: a column's sums follow the window down, a row's follow it to the right.</summary>
    private static double Similarity(RgbImage clean, RgbImage other)
    {
        int height = clean.Height, stride = 3 * clean.Width, wide = Math.Min(Window, clean.Width), high = Math.Min(Window, height), count = wide * high;
        ReadOnlySpan<byte> x = clean.Pixels, y = other.Pixels;
        var columns = new Sums[stride];
        double inverse = 1.0 / count, sample = count > 1 ? count / (count - 1.0) : 0, total = 0;
        for (int row = 0; row < height; row++)
        {
            for (int i = 0; i < stride; i++)
            {
                columns[i].Add(x[row * stride + i], y[row * stride + i], 1);
                if (row >= high)
                    columns[i].Add(x[(row - high) * stride + i], y[(row - high) * stride + i], -1);
            }
            if (row < high - 1)
                continue;
            for (int channel = 0; channel < 3; channel++)
            {
                var window = new Sums();
                for (int i = channel; i < stride; i += 3)
                {
                    window.Add(columns[i], 1);
                    if (i >= 3 * wide)
                        window.Add(columns[i - 3 * wide], -1);
                    if (i < 3 * (wide - 1))
                        continue;
                    double mx = window.X * inverse, my = window.Y * inverse, both = mx * my, squares = mx * mx + my * my;
                    double variances = sample * (window.Squares * inverse - squares), covariance = sample * (window.Product * inverse - both);
                    total += (2 * both + C1) * (2 * covariance + C2) / ((squares + C1) * (variances + C2));
                }
            }
        }
        return total / ((height - high + 1.0) * (clean.Width - wide + 1.0) * 3);
    }

    /// <summary>Sums of both pictures' values, of their squares (of both together) and of their products.</summary>
    private struct Sums
    {
        public int X, Y, Squares, Product;

        public void Add(int x, int y, int sign)
        {
            X += sign * x;
            Y += sign * y;
            Squares += sign * (x * x + y * y);
            Product += sign * x * y;
        }

        public void Add(Sums other, int sign)
        {
            X += sign * other.X;
            Y += sign * other.Y;
            Squares += sign * other.Squares;
            Product += sign * other.Product;
        }
    }
}
