using System.Buffers.Binary;
using OpenCvSharp;

namespace Roma.Corruptions.Operators;

/// <summary>
/// Decodes what can be decoded of a baseline JPEG file with 4:2:0 chroma whose entropy-coded data is damaged: a stretch between restart markers that ends early leaves
/// its remaining blocks gray, and a code that does not exist ends its block. The header must be whole. (libjpeg does much the same, and writes a line to the terminal.)
/// </summary>
internal sealed class JpegSalvage
{
    private const int Block = 8, Unit = 16, Count = Block * Block;
    private const byte Prefix = 0xFF, StartOfFrame = 0xC0, HuffmanTables = 0xC4, FirstRestart = 0xD0, LastRestart = 0xD7, EndOfImage = 0xD9, StartOfScan = 0xDA, QuantisationTables = 0xDB, RestartInterval = 0xDD;
    private static readonly int[] Zigzag = [.. Enumerable.Range(0, Count).OrderBy(i => i % Block + i / Block).ThenBy(i => (i % Block + i / Block) % 2 == 0 ? i % Block : i / Block)];
    private readonly float[][] _steps = new float[4][];
    private readonly JpegCode[] _codes = new JpegCode[8]; // four for the mean of a block, four for the rest
    private readonly (int Steps, int Mean, int Others)[] _components = new (int, int, int)[3];
    private int _width, _height, _interval;

    private JpegSalvage() { }

    /// <summary>B, G, R of the picture.</summary>
    /// <exception cref="InvalidDataException">The header is not one of such a file.</exception>
    public static Mat Decode(ReadOnlySpan<byte> file)
    {
        var salvage = new JpegSalvage();
        return salvage.Scan(file[salvage.Header(file)..]);
    }

    private int Header(ReadOnlySpan<byte> file)
    {
        for (int at = 2; ;)
        {
            byte marker = file[at + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            ReadOnlySpan<byte> body = file.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case QuantisationTables:
                    for (; body.Length > 0; body = body[(1 + Count)..])
                        _steps[body[0]] = [.. body.Slice(1, Count).ToArray().Select(step => (float)step)];
                    break;
                case HuffmanTables:
                    while (body.Length > 0)
                    {
                        JpegCode code = _codes[(body[0] >> 4) * 4 + (body[0] & 3)] = new(body[1..]);
                        body = body[(1 + code.Size)..];
                    }
                    break;
                case StartOfFrame:
                    (_height, _width) = (BinaryPrimitives.ReadUInt16BigEndian(body[1..]), BinaryPrimitives.ReadUInt16BigEndian(body[3..]));
                    if (body[5] != 3 || body[7] != 0x22 || body[10] != 0x11 || body[13] != 0x11)
                        throw new InvalidDataException("the chroma is not 4:2:0");
                    for (int c = 0; c < 3; c++)
                        _components[c].Steps = body[8 + 3 * c];
                    break;
                case RestartInterval:
                    _interval = BinaryPrimitives.ReadUInt16BigEndian(body);
                    break;
                case StartOfScan:
                    for (int c = 0; c < 3; c++)
                        (_components[c].Mean, _components[c].Others) = (body[2 + 2 * c] >> 4, 4 + (body[2 + 2 * c] & 15));
                    return at;
                case > StartOfFrame and <= 0xCF:
                    throw new InvalidDataException("it is not baseline JPEG");
            }
        }
    }

    private Mat Scan(ReadOnlySpan<byte> data)
    {
        int columns = (_width + Unit - 1) / Unit, rows = (_height + Unit - 1) / Unit, interval = _interval == 0 ? columns * rows : _interval;
        using Scratch<byte> luma = new(columns * rows * 4 * Count), blue = new(columns * rows * Count), red = new(columns * rows * Count);
        luma.Span.Fill(128);
        blue.Span.Fill(128);
        red.Span.Fill(128);
        for (int first = 0; first < columns * rows && data.Length > 0; first += interval)
        {
            int end = Stretch(data);
            Decode(new JpegBits(data[..end]), first, Math.Min(first + interval, columns * rows), columns, luma.Span, blue.Span, red.Span);
            data = data[Math.Min(end + 2, data.Length)..];
        }
        using Mat y = Mats.Of(luma.Array, columns * Unit, rows * Unit, MatType.CV_8UC1), full = new(), cr = new(), cb = new();
        using Mat halfRed = Mats.Of(red.Array, columns * Block, rows * Block, MatType.CV_8UC1), halfBlue = Mats.Of(blue.Array, columns * Block, rows * Block, MatType.CV_8UC1);
        Cv2.Resize(halfRed, cr, y.Size(), 0, 0, InterpolationFlags.Linear);
        Cv2.Resize(halfBlue, cb, y.Size(), 0, 0, InterpolationFlags.Linear);
        Cv2.Merge([y, cr, cb], full);
        using Mat visible = full[new Rect(0, 0, _width, _height)];
        var bgr = new Mat();
        Cv2.CvtColor(visible, bgr, ColorConversionCodes.YCrCb2BGR);
        return bgr;
    }

    // Up to the next marker.
    private static int Stretch(ReadOnlySpan<byte> data)
    {
        for (int at = 0; ; at++)
        {
            int next = data[at..].IndexOf(Prefix);
            if (next < 0 || at + next + 1 >= data.Length)
                return data.Length;
            at += next;
            if (data[at + 1] is >= FirstRestart and <= LastRestart or EndOfImage)
                return at;
        }
    }

    private void Decode(JpegBits bits, int first, int end, int columns, Span<byte> luma, Span<byte> blue, Span<byte> red)
    {
        Span<int> means = stackalloc int[3];
        means.Clear();
        for (int unit = first; unit < end; unit++)
        {
            (int x, int y) = (unit % columns, unit / columns);
            for (int i = 0; i < 4; i++)
                Decode(ref bits, 0, ref means[0], luma[((y * Unit + i / 2 * Block) * columns * Unit + x * Unit + i % 2 * Block)..], columns * Unit);
            Decode(ref bits, 1, ref means[1], blue[((y * columns * Block + x) * Block)..], columns * Block);
            Decode(ref bits, 2, ref means[2], red[((y * columns * Block + x) * Block)..], columns * Block);
            if (bits.Exhausted)
                return;
        }
    }

    private void Decode(ref JpegBits bits, int component, ref int mean, Span<byte> target, int stride)
    {
        (int table, int means, int rest) = _components[component];
        float[] steps = _steps[table];
        Span<float> coefficients = stackalloc float[Count];
        coefficients.Clear();
        mean = Math.Clamp(mean + bits.Signed(_codes[means].Next(ref bits) & 15), -2048, 2047);
        coefficients[0] = mean * steps[0];
        for (int i = 1; i < Count; i++)
        {
            int symbol = _codes[rest].Next(ref bits), run = symbol >> 4, size = symbol & 15;
            if (size == 0 && run < 15)
                break;
            i += run;
            int value = bits.Signed(size);
            if (i < Count)
                coefficients[Zigzag[i]] = value * steps[i];
        }
        if (!bits.Exhausted)
            InverseDct.Apply(coefficients, target, stride);
    }
}
