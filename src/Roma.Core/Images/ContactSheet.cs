using OpenCvSharp;

namespace Roma.Core;

/// <summary>Lays small pictures out as a table with captions.</summary>
public static class ContactSheet
{
    private const int Margin = 6, Caption = 18, Letter = 8;

    /// <summary>Draws the sheet on white.</summary>
    /// <param name="columns">What stands above each column of pictures.</param>
    /// <param name="rows">Each row's caption and its pictures, all of one size.</param>
    public static RgbImage Draw(IReadOnlyList<string> columns, IReadOnlyList<(string Name, IReadOnlyList<RgbImage> Images)> rows)
    {
        OpenCvRuntime.Require();
        (int width, int height) = (rows[0].Images[0].Width + Margin, rows[0].Images[0].Height + Margin);
        int left = rows.Max(row => row.Name.Length) * Letter + 2 * Margin;
        var sheet = new RgbImage(left + columns.Count * width, Caption + Margin + rows.Count * height);
        sheet.Pixels.AsSpan().Fill(byte.MaxValue);
        using Mat mat = Mat.FromPixelData(sheet.Height, sheet.Width, MatType.CV_8UC3, sheet.Pixels);
        foreach ((int column, string name) in columns.Index())
            Write(mat, name, left + column * width, Caption - Margin);
        foreach ((int row, (string name, IReadOnlyList<RgbImage> images)) in rows.Index())
        {
            int top = Caption + Margin + row * height;
            Write(mat, name, Margin, top + height / 2);
            foreach ((int column, RgbImage image) in images.Index())
            {
                using Mat source = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels), place = mat[new Rect(left + column * width, top, image.Width, image.Height)];
                source.CopyTo(place);
            }
        }
        return sheet;
    }

    /// <summary>The picture shrunk by averaging until its longer side fits; itself where it does.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="longest">Most pixels of the longer side, at least 1.</param>
    public static RgbImage Thumbnail(RgbImage image, int longest)
    {
        int side = Math.Max(image.Width, image.Height);
        if (side <= longest)
            return image;
        OpenCvRuntime.Require();
        var small = new RgbImage(Math.Max(1, (int)((long)image.Width * longest / side)), Math.Max(1, (int)((long)image.Height * longest / side)));
        using Mat source = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels), target = Mat.FromPixelData(small.Height, small.Width, MatType.CV_8UC3, small.Pixels);
        Cv2.Resize(source, target, target.Size(), 0, 0, InterpolationFlags.Area);
        return small;
    }

    private static void Write(Mat mat, string text, int x, int y) => Cv2.PutText(mat, text, new Point(x, y), HersheyFonts.HersheySimplex, 0.4, new Scalar(40, 40, 40), 1, LineTypes.AntiAlias);
}
