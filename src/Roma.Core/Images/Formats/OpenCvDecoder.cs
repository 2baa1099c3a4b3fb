using OpenCvSharp;

namespace Roma.Core.Formats;

/// <summary>Decodes with OpenCV and its libpng, libjpeg-turbo, libwebp and libtiff.</summary>
internal static class OpenCvDecoder
{
    /// <summary>8-bit RGB: transparency is laid on white, 16 bits are rounded to 8, gray becomes RGB.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="mode">Whether transparency and 16 bits are to be kept by OpenCV.</param>
    /// <param name="transparent">A level of a gray picture that stands for white paper.</param>
    /// <exception cref="InvalidDataException">The data is damaged.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, ImreadModes mode, int? transparent = null)
    {
        OpenCvRuntime.Require();
        try
        {
            using Mat mat = Cv2.ImDecode(file, mode);
            if (mat.Empty())
                throw new InvalidDataException("its data is damaged");
            if (transparent is { } level && mat.Channels() == 1)
            {
                using var mask = new Mat();
                Cv2.Compare(mat, level, mask, CmpTypes.EQ);
                mat.SetTo(new Scalar(mat.Depth() == MatType.CV_16U ? ushort.MaxValue : byte.MaxValue), mask);
            }
            return ToRgb(mat);
        }
        catch (OpenCVException e)
        {
            throw new InvalidDataException($"its data is damaged: {e.Message}", e);
        }
    }

    private static RgbImage ToRgb(Mat mat)
    {
        using var eight = new Mat();
        if (mat.Depth() == MatType.CV_16U)
            mat.ConvertTo(eight, MatType.CV_8U, 1 / 257.0); // 65535 -> 255; rounds and saturates
        else if (mat.Depth() != MatType.CV_8U)
            throw new InvalidDataException($"its pixels of type {mat.Type()} are not supported");
        Mat source = eight.Empty() ? mat : eight;
        var image = RgbImage.Rent(mat.Width, mat.Height);
        if (mat.Channels() == 4)
        {
            OnWhite(source, image);
            return image;
        }
        using Mat rgb = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels);
        Cv2.CvtColor(source, rgb, mat.Channels() == 1 ? ColorConversionCodes.GRAY2RGB : ColorConversionCodes.BGR2RGB);
        return image;
    }

    private static unsafe void OnWhite(Mat bgra, RgbImage image)
    {
        Span<byte> target = image.Pixels;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> row = new(bgra.Ptr(y).ToPointer(), image.Width * 4);
            for (; row.Length > 0; row = row[4..], target = target[3..])
                (target[0], target[1], target[2]) = (ImageFormat.OnWhite(row[2], row[3]), ImageFormat.OnWhite(row[1], row[3]), ImageFormat.OnWhite(row[0], row[3]));
        }
    }
}
