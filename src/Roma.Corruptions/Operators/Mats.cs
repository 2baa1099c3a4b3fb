using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Managed memory as OpenCV sees it, without copying. Disposing a view unpins the memory and keeps it.</summary>
internal static class Mats
{
    /// <summary>A picture's R, G, B bytes.</summary>
    public static Mat Of(RgbImage image) => Of(image.Pixels, image.Width, image.Height, MatType.CV_8UC3);

    /// <summary>The start of an array as rows of pixels.</summary>
    public static Mat Of<T>(T[] array, int width, int height, MatType type)
    {
        OpenCvRuntime.Require();
        return Mat.FromPixelData(height, width, type, array);
    }

    /// <summary>The picture that a filter writes into its second argument, which has the size and type of the first.</summary>
    public static RgbImage Filter(RgbImage image, Action<Mat, Mat> filter)
    {
        var result = new RgbImage(image.Width, image.Height);
        using Mat input = Of(image), output = Of(result);
        filter(input, output);
        return result;
    }

    /// <summary>A copy of an 8-bit matrix with three channels, with rows as long as its own.</summary>
    public static RgbImage ToImage(Mat rgb)
    {
        var result = new RgbImage(rgb.Width, rgb.Height);
        using Mat output = Of(result);
        rgb.CopyTo(output);
        return result;
    }

    /// <summary>Correlates with a square kernel whose weights sum to 1 or less; the edge is mirrored.</summary>
    public static void Correlate(Mat input, Mat output, float[] kernel)
    {
        int side = (int)Math.Sqrt(kernel.Length);
        using Mat weights = Of(kernel, side, side, MatType.CV_32FC1);
        Cv2.Filter2D(input, output, input.Type(), weights, borderType: BorderTypes.Reflect101);
    }
}
