using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Clouds: uniform draws on a coarse grid, enlarged smoothly; each octave has half the cell and half the weight of the one before.</summary>
internal static class Clouds
{
    /// <summary>Adds the draws for a map.</summary>
    public static void Draw(int width, int height, double cell, int octaves, CounterRandom random, Fields fields, string name = "clouds")
    {
        int length = 0;
        for (int octave = 0; octave < octaves; octave++)
            length += Cells(width, cell, octave) * Cells(height, cell, octave);
        Draws.Uniform(random, fields.Add(name, length));
    }

    /// <summary>Fills a map with values around 0.5, nearly always in 0..1.</summary>
    public static void Fill(ReadOnlySpan<float> draws, int width, int height, double cell, int octaves, Scratch<float> map)
    {
        using Mat sum = Mats.Of(map.Array, width, height, MatType.CV_32FC1), layer = new();
        sum.SetTo(0);
        double total = 2 - Math.Pow(0.5, octaves - 1);
        for (int octave = 0; octave < octaves; octave++)
        {
            (int columns, int rows) = (Cells(width, cell, octave), Cells(height, cell, octave));
            using var grid = new Scratch<float>(columns * rows);
            draws[..(columns * rows)].CopyTo(grid.Span);
            draws = draws[(columns * rows)..];
            using Mat coarse = Mats.Of(grid.Array, columns, rows, MatType.CV_32FC1);
            Cv2.Resize(coarse, layer, new Size(width, height), 0, 0, InterpolationFlags.Cubic);
            Cv2.ScaleAdd(layer, Math.Pow(0.5, octave) / total, sum, sum);
        }
    }

    private static int Cells(int side, double cell, int octave) => Math.Max(2, Math.Min(side, (int)Math.Round(side / cell)) << octave);
}
