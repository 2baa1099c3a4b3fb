namespace Roma.Core.Formats;

/// <summary>How the first picture of a TIFF is stored.</summary>
internal sealed class TiffLayout
{
    public const int WhiteIsZero = 0, BlackIsZero = 1, Rgb = 2, Palette = 3, Cmyk = 5, YCbCr = 6;
    public const int Opaque = 0, Premultiplied = 1, Straight = 2;
    public const int Plain = 1, FaxRuns = 2, Fax3 = 3, Fax4 = 4, Lzw = 5, Jpeg = 7, Deflate = 8, OldDeflate = 32946, PackBits = 32773;
    private const int MostSamples = 8, LongestSide = 1 << 20;
    private const long MostBits = 8L << 30;

    private TiffLayout(TiffDirectory tiff)
    {
        IsBigEndian = tiff.IsBigEndian;
        (Width, Height) = (tiff.Get(256, 0), tiff.Get(257, 0));
        long[] bits = tiff.All(258), extra = tiff.All(338);
        (Bits, SamplesPerPixel) = (bits is [var first, ..] ? first : 1, tiff.Get(277, 1));
        (Compression, Photometric, Predictor) = (tiff.Get(259, Plain), tiff.Get(262, BlackIsZero), tiff.Get(317, 1));
        IsPlanar = tiff.Get(284, 1) == 2;
        bool isTiled = tiff.Get(322, 0) > 0;
        SegmentWidth = isTiled ? tiff.Get(322, 0) : Width;
        SegmentHeight = isTiled ? tiff.Get(323, 0) : Math.Min(tiff.Get(278, Height), Height);
        long[] offsets = tiff.All(isTiled ? 324 : 273), lengths = tiff.All(isTiled ? 325 : 279);
        IsForLibTiff = Compression is FaxRuns or Fax3 or Fax4 or Jpeg || Photometric == YCbCr && Compression is Plain or Lzw or Deflate or OldDeflate or PackBits;
        int inks = Photometric switch { Rgb or YCbCr => 3, Cmyk => 4, _ => 1 };
        Alpha = IsForLibTiff || extra is not [Premultiplied or Straight, ..] ? Opaque : (int)extra[0];
        Kept = inks + (Alpha == Opaque ? 0 : 1);
        Colours = Photometric == Palette ? tiff.All(320) : [];
        Require(Width > 0 && Height > 0, "its size is missing");
        Require(IsForLibTiff || Compression is Plain or Lzw or Deflate or OldDeflate or PackBits, $"compression {Compression} is not supported (none, LZW, Deflate, PackBits, fax and JPEG are)");
        Require(Photometric is WhiteIsZero or BlackIsZero or Rgb or Palette or Cmyk or YCbCr, $"colour model {Photometric} is not supported (gray, palette, RGB, CMYK and YCbCr are)");
        Require(Bits is 1 or 2 or 4 or 8 or 16 && bits.All(b => b == Bits) && tiff.All(339).All(format => format == 1), "its samples are not supported (unsigned ones of 1, 2, 4, 8 or 16 bits are)");
        Require(SamplesPerPixel >= Kept && SamplesPerPixel <= MostSamples && (Predictor == 1 || Predictor == 2 && Bits >= 8), "its samples or predictor are not supported");
        Require(Photometric != Palette || Bits <= 8 && Colours.Length == 3 << (int)Bits, "its palette is damaged");
        Require(SegmentWidth is > 0 and <= LongestSide && SegmentHeight is > 0 and <= LongestSide, "its tiles are damaged");
        Require(tiff.Get(266, 1) == 1 || IsForLibTiff, "its order of bits is not supported");
        (Across, Down) = ((Width + SegmentWidth - 1) / SegmentWidth, (Height + SegmentHeight - 1) / SegmentHeight);
        // Tiles may reach beyond the picture, but not so far that unpacking them takes longer than the picture is worth.
        Require(Across * SegmentWidth * Down * SegmentHeight <= 4 * Width * Height + LongestSide && SegmentWidth * SegmentHeight * SamplesPerPixel * Bits <= MostBits, "its tiles are too large");
        Require(offsets.Length == lengths.Length && offsets.Length >= Across * Down * (IsPlanar ? SamplesPerPixel : 1), "its strips are damaged");
        Segments = [.. offsets.Zip(lengths)];
    }

    public bool IsBigEndian { get; }

    public long Width { get; }

    public long Height { get; }

    /// <summary>Bits of a sample.</summary>
    public long Bits { get; }

    public long SamplesPerPixel { get; }

    public long Compression { get; }

    public long Photometric { get; }

    public long Predictor { get; }

    /// <summary>Whether each sample has a plane of its own.</summary>
    public bool IsPlanar { get; }

    /// <summary>The size of a strip or tile, and how many there are in a row and a column.</summary>
    public long SegmentWidth { get; }

    public long SegmentHeight { get; }

    public long Across { get; }

    public long Down { get; }

    /// <summary>Where each strip or tile lies, and its number of bytes.</summary>
    public IReadOnlyList<(long Offset, long Length)> Segments { get; }

    /// <summary>Red, green and blue of every index, one after another, 16 bits each.</summary>
    public long[] Colours { get; }

    /// <summary><see cref="Opaque"/>, <see cref="Premultiplied"/> or <see cref="Straight"/>.</summary>
    public int Alpha { get; }

    /// <summary>How many samples of a pixel matter: its inks and transparency.</summary>
    public int Kept { get; }

    /// <summary>Whether libtiff is to decode it.</summary>
    public bool IsForLibTiff { get; }

    /// <exception cref="InvalidDataException">It is damaged or of an unsupported kind.</exception>
    public static TiffLayout Read(TiffDirectory tiff) => new(tiff);

    private static void Require(bool holds, string fault)
    {
        if (!holds)
            throw new InvalidDataException(fault);
    }
}
