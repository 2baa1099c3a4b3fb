using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Moves pixels, with OpenCV's bilinear interpolation, of pictures of any size: OpenCV itself takes sides up to 32766 pixels.</summary>
internal static class Warp
{
    private const int Tile = 8192;

    /// <summary>Result pixel (x, y) comes from (a x + b y + c, d x + e y + f).</summary>
    public static void Affine(Mat input, Mat output, double[] rows, BorderTypes border = BorderTypes.Replicate, Scalar? outside = null)
    {
        if (IsLong(input))
        {
            Project(input, output, [.. rows, 0, 0, 1], border, outside);
            return;
        }
        using Mat matrix = Mats.Of(rows, 3, 2, MatType.CV_64FC1);
        Cv2.WarpAffine(input, output, matrix, output.Size(), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, border, outside);
    }

    /// <summary>Turns about the centre, counter-clockwise, and enlarges by a factor.</summary>
    public static double[] Rotation(int width, int height, double degrees, double zoom = 1)
    {
        (double sin, double cos) = Math.SinCos(degrees * Math.PI / 180);
        (double cx, double cy) = ((width - 1) / 2.0, (height - 1) / 2.0);
        (sin, cos) = (sin / zoom, cos / zoom);
        return [cos, -sin, cx - cos * cx + sin * cy, sin, cos, cy - sin * cx - cos * cy];
    }

    /// <summary>Moves the corners (upper left, upper right, lower right, lower left) by shares of the sides, inwards where positive.</summary>
    /// <param name="input">The source.</param>
    /// <param name="output">The target, of the same size.</param>
    /// <param name="corners">Eight shares: x and y of each corner.</param>
    /// <param name="border">What lies outside.</param>
    /// <param name="outside">Its colour, if it is constant.</param>
    public static void Perspective(Mat input, Mat output, ReadOnlySpan<float> corners, BorderTypes border, Scalar? outside = null)
    {
        (float width, float height) = (input.Width, input.Height); // corners of the outer pixels, so that a picture of one pixel has an area, too
        Point2f[] from = [new(0, 0), new(width, 0), new(width, height), new(0, height)];
        var to = new Point2f[4];
        for (int i = 0; i < 4; i++)
            to[i] = new(from[i].X + corners[2 * i] * width * (i is 0 or 3 ? 1 : -1), from[i].Y + corners[2 * i + 1] * height * (i is 0 or 1 ? 1 : -1));
        using Mat matrix = Cv2.GetPerspectiveTransform(to, from);
        matrix.GetArray(out double[] inverse);
        if (IsLong(input))
            Project(input, output, inverse, border, outside);
        else
            Cv2.WarpPerspective(input, output, matrix, input.Size(), InterpolationFlags.Linear | InterpolationFlags.WarpInverseMap, border, outside);
    }

    /// <summary>Result pixel i comes from (x[i], y[i]); the edge is replicated.</summary>
    public static RgbImage Map(RgbImage image, Scratch<float> x, Scratch<float> y) => Mats.Filter(image, (input, output) =>
    {
        using Mat columns = Mats.Of(x.Array, image.Width, image.Height, MatType.CV_32FC1), rows = Mats.Of(y.Array, image.Width, image.Height, MatType.CV_32FC1);
        if (!IsLong(input))
            Cv2.Remap(input, output, columns, rows, InterpolationFlags.Linear, BorderTypes.Replicate);
        else
            Tiles(output, tile =>
            {
                using Mat tileX = columns[tile].Clone(), tileY = rows[tile].Clone();
                Remap(input, output, tile, tileX, tileY, BorderTypes.Replicate, null);
            });
    });

    private static bool IsLong(Mat input) => Math.Max(input.Width, input.Height) >= short.MaxValue;

    private static void Tiles(Mat output, Action<Rect> warp)
    {
        (int width, int height) = (output.Width, output.Height);
        for (int y = 0; y < height; y += Tile)
            for (int x = 0; x < width; x += Tile)
                warp(new(x, y, Math.Min(Tile, width - x), Math.Min(Tile, height - y)));
    }

    private static void Project(Mat input, Mat output, double[] m, BorderTypes border, Scalar? outside) => Tiles(output, tile =>
    {
        using Scratch<float> x = new(tile.Width * tile.Height), y = new(tile.Width * tile.Height);
        for (int i = 0; i < x.Span.Length; i++)
        {
            double px = tile.X + i % tile.Width, py = tile.Y + i / tile.Width, w = m[6] * px + m[7] * py + m[8];
            (x.Array[i], y.Array[i]) = ((float)((m[0] * px + m[1] * py + m[2]) / w), (float)((m[3] * px + m[4] * py + m[5]) / w));
        }
        using Mat tileX = Mats.Of(x.Array, tile.Width, tile.Height, MatType.CV_32FC1), tileY = Mats.Of(y.Array, tile.Width, tile.Height, MatType.CV_32FC1);
        Remap(input, output, tile, tileX, tileY, border, outside);
    });

    // Reads a tile from the part of the source that it needs; the maps are changed.
    private static void Remap(Mat input, Mat output, Rect tile, Mat x, Mat y, BorderTypes border, Scalar? outside)
    {
        (int left, int width) = Shift(x, input.Width);
        (int top, int height) = Shift(y, input.Height);
        using Mat source = input[new Rect(left, top, width, height)], target = output[tile];
        Cv2.Remap(source, target, x, y, InterpolationFlags.Linear, border, outside);
    }

    private static (int Start, int Length) Shift(Mat map, int side)
    {
        Cv2.MinMaxLoc(map, out double low, out double high);
        int start = (int)Math.Clamp(Math.Floor(low) - 1, 0, side - 1), end = (int)Math.Clamp(Math.Ceiling(high) + 2, start + 1, side);
        Cv2.Subtract(map, new Scalar(start), map);
        return (start, Math.Min(end - start, short.MaxValue - 1));
    }
}
