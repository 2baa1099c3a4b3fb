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

    /// <summary>Memory that the caller keeps pinned, as rows of pixels.</summary>
    public static unsafe Mat Of<T>(T* data, int width, int height, MatType type) where T : unmanaged
    {
        OpenCvRuntime.Require();
        return Mat.FromPixelData(height, width, type, (nint)data);
    }

    /// <summary>The picture that a filter writes into its second argument, which has the size and type of the first.</summary>
    public static RgbImage Filter(RgbImage image, Action<Mat, Mat> filter)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        using Mat input = Of(image), output = Of(result);
        filter(input, output);
        return result;
    }
}
