using OpenCvSharp;
using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Encodes and decodes in OpenCV's memory, for chains of codecs.</summary>
internal static class Codecs
{
    /// <summary>The picture after a chain of steps on its B, G, R matrix; each step gives a new matrix of the same size.</summary>
    public static RgbImage Chain(RgbImage image, params IEnumerable<Func<Mat, Mat>> steps)
    {
        using Mat rgb = Mats.Of(image);
        var bgr = new Mat();
        Cv2.CvtColor(rgb, bgr, ColorConversionCodes.RGB2BGR);
        foreach (Func<Mat, Mat> step in steps)
        {
            using Mat before = bgr;
            bgr = step(before);
        }
        using Mat after = bgr;
        var result = RgbImage.Rent(image.Width, image.Height);
        using Mat output = Mats.Of(result);
        Cv2.CvtColor(after, output, ColorConversionCodes.BGR2RGB);
        return result;
    }

    /// <summary>Encodes and decodes; a picture too long for the codec is cut in halves.</summary>
    public static Mat RoundTrip(Mat bgr, string extension, int longest, params int[] parameters)
    {
        if (Math.Max(bgr.Width, bgr.Height) <= longest)
            return Decode(Encode(bgr, extension, parameters));
        var result = new Mat(bgr.Size(), bgr.Type());
        Rect first = bgr.Width > bgr.Height ? new(0, 0, bgr.Width / 2, bgr.Height) : new(0, 0, bgr.Width, bgr.Height / 2);
        Rect second = bgr.Width > bgr.Height ? new(first.Width, 0, bgr.Width - first.Width, bgr.Height) : new(0, first.Height, bgr.Width, bgr.Height - first.Height);
        foreach (Rect part in new[] { first, second })
        {
            using Mat source = bgr[part], coded = RoundTrip(source, extension, longest, parameters), target = result[part];
            coded.CopyTo(target);
        }
        return result;
    }

    /// <summary>There and back as JPEG (4:2:0).</summary>
    public static Mat Jpeg(Mat bgr, int quality) => RoundTrip(bgr, ".jpg", 65_500, (int)ImwriteFlags.JpegQuality, quality);

    public static byte[] Encode(Mat bgr, string extension, params int[] parameters) =>
        Cv2.ImEncode(extension, bgr, out byte[] bytes, parameters) ? bytes : throw new RomaException($"A picture of {bgr.Width}x{bgr.Height} pixels cannot be encoded as {extension}.");

    /// <summary>Decodes to B, G, R.</summary>
    public static Mat Decode(ReadOnlySpan<byte> bytes) => Cv2.ImDecode(bytes, ImreadModes.Color | ImreadModes.IgnoreOrientation);
}
