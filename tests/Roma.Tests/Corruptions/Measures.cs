using OpenCvSharp;
using Roma.Core;

namespace Roma.Tests.Corruptions;

/// <summary>What is measured of a corrupted picture; definitions as in the golden set's statistics.json.</summary>
internal static class Measures
{
    private const int Rings = 8, Window = 7;

    public static Dictionary<string, double[]> Of(RgbImage clean, RgbImage corrupted)
    {
        int pixels = clean.Width * clean.Height, changed = 0;
        double squares = 0, absolute = 0;
        double[] mean = new double[3], bias = new double[3], square = new double[3];
        double[][] x = [new double[pixels], new double[pixels], new double[pixels]], y = [new double[pixels], new double[pixels], new double[pixels]];
        for (int i = 0; i < pixels; i++)
        {
            bool differs = false;
            for (int c = 0; c < 3; c++)
            {
                double residual = (y[c][i] = corrupted.Pixels[3 * i + c]) - (x[c][i] = clean.Pixels[3 * i + c]);
                (mean[c], bias[c], square[c]) = (mean[c] + y[c][i] / pixels, bias[c] + residual / pixels, square[c] + residual * residual / pixels);
                (squares, absolute, differs) = (squares + residual * residual, absolute + Math.Abs(residual), differs || residual != 0);
            }
            changed += differs ? 1 : 0;
        }
        return new()
        {
            ["mean"] = mean,
            ["residual_std"] = [.. square.Zip(bias, (s, b) => Math.Sqrt(s - b * b))],
            ["mean_abs_change"] = [absolute / (3 * pixels)],
            ["psnr"] = [10 * Math.Log10(255.0 * 255.0 * 3 * pixels / squares)],
            ["ssim"] = [Enumerable.Range(0, 3).Average(c => Ssim(x[c], y[c], clean.Width, clean.Height))],
            ["changed_share"] = [changed / (double)pixels],
            ["spectrum"] = Spectrum(x, y, bias, clean.Width, clean.Height),
        };
    }

    private static double Ssim(double[] x, double[] y, int width, int height)
    {
        double[] mx = Box(x), my = Box(y), mxx = Products(x, x), myy = Products(y, y), mxy = Products(x, y);
        const double Sample = Window * Window / (Window * Window - 1.0), C1 = 0.01 * 255 * 0.01 * 255, C2 = 0.03 * 255 * 0.03 * 255;
        double sum = 0;
        for (int i = 0; i < mx.Length; i++)
        {
            double vx = Sample * (mxx[i] - mx[i] * mx[i]), vy = Sample * (myy[i] - my[i] * my[i]), vxy = Sample * (mxy[i] - mx[i] * my[i]);
            sum += (2 * mx[i] * my[i] + C1) * (2 * vxy + C2) / ((mx[i] * mx[i] + my[i] * my[i] + C1) * (vx + vy + C2));
        }
        return sum / mx.Length;

        double[] Products(double[] a, double[] b)
        {
            double[] products = new double[a.Length];
            for (int i = 0; i < a.Length; i++)
                products[i] = a[i] * b[i];
            return Box(products);
        }

        // Means over all windows inside the picture, by a summed-area table.
        double[] Box(double[] plane)
        {
            double[] table = new double[(width + 1) * (height + 1)];
            for (int r = 0; r < height; r++)
                for (int c = 0; c < width; c++)
                    table[(r + 1) * (width + 1) + c + 1] = plane[r * width + c] + table[r * (width + 1) + c + 1] + table[(r + 1) * (width + 1) + c] - table[r * (width + 1) + c];
            int columns = width - Window + 1, rows = height - Window + 1;
            double[] means = new double[columns * rows];
            for (int r = 0; r < rows; r++)
                for (int c = 0; c < columns; c++)
                    means[r * columns + c] = (table[(r + Window) * (width + 1) + c + Window] - table[r * (width + 1) + c + Window] - table[(r + Window) * (width + 1) + c] + table[r * (width + 1) + c]) / (Window * Window);
            return means;
        }
    }

    private static double[] Spectrum(double[][] x, double[][] y, double[] bias, int width, int height)
    {
        double[] rings = new double[Rings];
        for (int c = 0; c < 3; c++)
        {
            double[] centred = new double[width * height];
            for (int i = 0; i < centred.Length; i++)
                centred[i] = y[c][i] - x[c][i] - bias[c];
            using Mat input = Mat.FromPixelData(height, width, MatType.CV_64FC1, centred), output = new();
            Cv2.Dft(input, output, DftFlags.ComplexOutput);
            output.GetArray(out Vec2d[] transform);
            for (int i = 0; i < transform.Length; i++)
            {
                double fy = Math.Min(i / width, height - i / width) / (double)height, fx = Math.Min(i % width, width - i % width) / (double)width;
                int ring = (int)(Math.Sqrt(fx * fx + fy * fy) / 0.5 * Rings);
                if (ring < Rings)
                    rings[ring] += (transform[i].Item0 * transform[i].Item0 + transform[i].Item1 * transform[i].Item1) / ((double)centred.Length * centred.Length * 3);
            }
        }
        return rings;
    }
}
