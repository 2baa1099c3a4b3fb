namespace Roma.Core.Formats;

/// <summary>Turns and mirrors a stored picture so that it stands upright.</summary>
internal static class Orientation
{
    /// <summary>The upright picture of an EXIF orientation, 1 to 8.</summary>
    public static RgbImage Upright(RgbImage stored, int orientation)
    {
        if (orientation == 1)
            return stored;
        int w = stored.Width, h = stored.Height, last = w * h - 1;
        // The stored pixel shown at the top left, and the steps in the stored picture to the right and down.
        (int start, int right, int down) = orientation switch
        {
            2 => (w - 1, -1, w),
            3 => (last, -1, -w),
            4 => (last - w + 1, 1, -w),
            5 => (0, w, 1),
            6 => (last - w + 1, -w, 1),
            7 => (last, -w, -1),
            8 => (w - 1, w, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation), orientation, "An orientation is 1 to 8."),
        };
        RgbImage upright = orientation < 5 ? new(w, h) : new(h, w);
        ReadOnlySpan<byte> source = stored.Pixels;
        Span<byte> target = upright.Pixels;
        for (int y = 0; y < upright.Height; y++)
            for (int x = 0, from = start + y * down; x < upright.Width; x++, from += right, target = target[3..])
                source.Slice(3 * from, 3).CopyTo(target);
        return upright;
    }
}
