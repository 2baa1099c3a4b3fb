using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Moves pixels, with bilinear interpolation.</summary>
internal static class Warp
{
    /// <summary>Result pixel (x, y) comes from (a x + b y + c, d x + e y + f).</summary>
    public static void Affine(Mat input, Mat output, double[] rows, BorderTypes border = BorderTypes.Replicate, Scalar? outside = null)
    {
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
        using Mat matrix = Cv2.GetPerspectiveTransform(from, to);
        Cv2.WarpPerspective(input, output, matrix, input.Size(), InterpolationFlags.Linear, border, outside);
    }

    /// <summary>Result pixel i comes from (x[i], y[i]); the edge is replicated.</summary>
    public static RgbImage Map(RgbImage image, Scratch<float> x, Scratch<float> y) => Mats.Filter(image, (input, output) =>
    {
        using Mat columns = Mats.Of(x.Array, image.Width, image.Height, MatType.CV_32FC1), rows = Mats.Of(y.Array, image.Width, image.Height, MatType.CV_32FC1);
        Cv2.Remap(input, output, columns, rows, InterpolationFlags.Linear, BorderTypes.Replicate);
    });
}
