using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Blur;
using Roma.Corruptions.Colour;
using Roma.Corruptions.Compression;
using Roma.Corruptions.Document;
using Roma.Corruptions.Geometry;
using Roma.Corruptions.Light;
using Roma.Corruptions.Noise;
using Roma.Corruptions.Occluder;
using Roma.Corruptions.Operators;
using Roma.Corruptions.Resampling;
using Roma.Corruptions.Sensor;
using Roma.Corruptions.Sequences;
using Roma.Corruptions.Transmission;

namespace Roma.Tests.Corruptions;

/// <summary>Corruptions without a published implementation against closed forms.</summary>
public class OwnOperatorTests
{
    private static readonly RgbImage Image = TestImages.Textured(61, 47);

    public static TheoryData<ICorruption> Nothing =>
    [
        new BoxBlur(0), new MedianBlur(0), new LensBlur(0), new RadialBlur(0), new DirectionalBlur(0), new DownUp(1, ResamplingFilter.Lanczos), new ChromaticAberration(0),
        new OverSharpening(0, 1), new RollingShutter(0, 0), new OverExposure(0, 0), new Gamma(1), new Vignette(0), new Glare(0, 0.1), new Shadow(0, 0.1), new UnevenLight(0),
        new ColourCast(0), new Posterise(256), new Desaturate(0), new ColourBlind(ColourBlindKind.Tritan, 0), new HueShift(0), new BleedThrough(0, 1), new LowInk(0, 30),
        new Fold(2, 0, 0, 1), new Rotation(0), new Perspective(0), new Shift(0), new Crop(0), new Pad(0), new LensDistortion(0), new Wave(0, 1), new SaltAndPepper(0),
        new Sequence([new Gamma(1), new Crop(0)]),
    ];

    [Theory, MemberData(nameof(Nothing))]
    public void StrengthZeroIsTheIdentity(ICorruption corruption)
    {
        byte[] result = Apply(corruption, Image).Pixels;
        int tolerance = corruption is LensBlur ? 1 : 0; // there and back between levels and light
        for (int i = 0; i < result.Length; i++)
            Assert.InRange(result[i] - Image.Pixels[i], -tolerance, tolerance);
    }

    [Fact]
    public void BoxBlurIsTheMeanOfASquareWithPartialRims()
    {
        double[] weights = [0.25, 1, 1, 1, 0.25];
        RgbImage result = Apply(new BoxBlur(1.25), Image);
        for (int y = 2; y < Image.Height - 2; y++)
        {
            for (int x = 2; x < Image.Width - 2; x++)
            {
                double sum = 0;
                for (int dy = -2; dy <= 2; dy++)
                    for (int dx = -2; dx <= 2; dx++)
                        sum += weights[dy + 2] * weights[dx + 2] * At(Image, x + dx, y + dy, 1);
                Assert.InRange(At(result, x, y, 1) - sum / (3.5 * 3.5), -1.01, 1.01);
            }
        }
    }

    [Fact]
    public void AMovementKernelKeepsItsPathsMeanAndExtent()
    {
        IReadOnlyList<Tap> taps = Trace.Taps(t => (6 * (t - 0.5) + 0.4, 2 * (t - 0.5) - 0.3));
        Assert.Equal(1, taps.Sum(tap => tap.Weight), 6);
        Assert.Equal(0.4, taps.Sum(tap => tap.Weight * tap.X), 2);
        Assert.Equal(-0.3, taps.Sum(tap => tap.Weight * tap.Y), 2);
        Assert.InRange(taps.Sum(tap => tap.Weight * (tap.X - 0.4) * (tap.X - 0.4)), 36.0 / 12, 36.0 / 12 + 0.25); // of the path, and of the bilinear dots
    }

    [Theory, InlineData(100, 0.998, 0.058), InlineData(200, 0.994, 0.110), InlineData(300, 0.981, 0.194), InlineData(450, 0.911, 0.413), InlineData(500, 0.863, 0.505)]
    public void DiffusionKeepsWhatThePublishedScheduleKeeps(int step, double signal, double noise)
    {
        double kept = Math.Pow(DiffusionNoise.At(step).Image, 2);
        Assert.Equal(signal, Math.Sqrt(kept), 3);
        Assert.Equal(noise, Math.Sqrt(1 - kept), 3);
    }

    [Fact]
    public void OtsuFindsTheSplitOfGreatestVariance()
    {
        byte[] gray = [.. Image.Pixels.Where((_, i) => i % 3 == 0)];
        double Between(int t)
        {
            double[] dark = [.. gray.Where(g => g <= t).Select(g => (double)g)], bright = [.. gray.Where(g => g > t).Select(g => (double)g)];
            return dark.Length == 0 || bright.Length == 0 ? 0 : dark.Length * (double)bright.Length * Math.Pow(dark.Average() - bright.Average(), 2);
        }
        Assert.Equal(Enumerable.Range(0, 255).MaxBy(Between), Binarise.Otsu(gray));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void DithersKeepTheMeanAndShowFewLevels(bool diffused)
    {
        foreach (byte level in new byte[] { 0, 37, 128, 200, 255 })
        {
            byte[] pixels = Apply(diffused ? new DiffusedDither(3) : new OrderedDither(3), TestImages.Constant(64, 64, level)).Pixels;
            Assert.Empty(pixels.Distinct().Except(new byte[] { 0, 128, 255 }));
            Assert.InRange(pixels.Average(p => p), level - 2.5, level + 2.5);
        }
    }

    [Fact]
    public void APaletteShowsFewColoursAndKeepsThoseOfASimplePicture()
    {
        foreach (bool dither in new[] { false, true })
            Assert.True(Colours(Apply(new Palette(7, dither), Image)) <= 7);
        RgbImage simple = TestImages.Page(60, 80);
        byte[] kept = Apply(new Palette(16), simple).Pixels;
        for (int i = 0; i < kept.Length; i++)
            Assert.InRange(kept[i] - simple.Pixels[i], -8, 8); // cells of 5 bits
    }

    [Fact]
    public void HuesTurnByAThirdIntoOneAnother()
    {
        byte[] turned = Apply(new HueShift(120), Image).Pixels;
        for (int i = 0; i < turned.Length; i += 3)
            for (int c = 0; c < 3; c++)
                Assert.InRange(turned[i + (c + 1) % 3] - Image.Pixels[i + c], -1, 1);
    }

    [Fact]
    public void ANegativeTwiceIsThePicture()
    {
        var negative = new Inversion(1, KeepHue: false);
        Assert.Equal(Image.Pixels, Apply(negative, Apply(negative, Image)).Pixels);
        Assert.Equal([.. Image.Pixels.Select(level => (byte)(255 - level))], Apply(negative, Image).Pixels);
        Assert.Equal([255, 255, 255, 0, 0, 0], Apply(new Inversion(1), new RgbImage(2, 1, [0, 0, 0, 255, 255, 255])).Pixels);
    }

    [Theory, InlineData(ColourBlindKind.Protan), InlineData(ColourBlindKind.Deutan), InlineData(ColourBlindKind.Tritan)]
    public void ColourBlindnessKeepsGrayAndLosesOneDimension(ColourBlindKind kind)
    {
        var blind = new ColourBlind(kind, 1);
        for (int level = 0; level < 256; level += 5)
            Assert.All(Apply(blind, TestImages.Constant(1, 1, (byte)level)).Pixels, p => Assert.InRange(p, level - 1, level + 1));
        // A picture that is already projected stays: of moderate colours, which no clipping touches.
        RgbImage pale = Apply(new Desaturate(0.8), Image), once = Apply(blind, pale), twice = Apply(blind, once);
        for (int i = 0; i < once.Pixels.Length; i++)
            Assert.InRange(twice.Pixels[i] - once.Pixels[i], -2, 2);
        Assert.NotEqual(pale.Pixels, once.Pixels);
    }

    [Fact]
    public void RowsOfARollingShutterMoveByTheSlant()
    {
        RgbImage result = Apply(new RollingShutter(1, 0), TestImages.Textured(80, 9)); // one pixel a row, four at most
        RgbImage source = TestImages.Textured(80, 9);
        int side = Math.Sign(Enumerable.Range(0, 80).Sum(x => Math.Abs(At(result, x, 0, 0) - At(source, Math.Clamp(x - 4, 0, 79), 0, 0)) - Math.Abs(At(result, x, 0, 0) - At(source, Math.Clamp(x + 4, 0, 79), 0, 0))));
        for (int y = 0; y < 9; y++)
            for (int x = 0; x < 80; x++)
                Assert.Equal(At(source, Math.Clamp(x + side * (4 - y), 0, 79), y, 2), At(result, x, y, 2));
    }

    [Fact]
    public void AQuarterTurnIsExact()
    {
        RgbImage square = TestImages.Textured(32, 32);
        RgbImage turned = Mats.Filter(square, (input, output) => Warp.Affine(input, output, Warp.Rotation(32, 32, 90)));
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 32; x++)
                Assert.Equal(At(square, 31 - y, x, 0), At(turned, x, y, 0)); // counter-clockwise: the right edge becomes the upper one
    }

    [Fact]
    public void AVignetteTakesItsLossInTheCornersAndNothingInTheMiddle()
    {
        RgbImage result = Apply(new Vignette(0.6), TestImages.Constant(201, 101, 250));
        Assert.InRange(At(result, 0, 0, 0) / 250.0, 0.39, 0.42);
        Assert.Equal(250, At(result, 100, 50, 0));
    }

    [Fact]
    public void ASequenceIsItsStepsInOrder()
    {
        ICorruption[] steps = [new Posterise(3), new BoxBlur(2), new Gamma(2)];
        Assert.Equal(steps.Aggregate(Image, (image, step) => Apply(step, image)).Pixels, Apply(new Sequence(steps), Image).Pixels);
        Assert.NotEqual(Apply(new Sequence([.. steps.Reverse()]), Image).Pixels, Apply(new Sequence(steps), Image).Pixels);
        byte[] twice = Apply(new Sequence([new SaltAndPepper(0.2), new SaltAndPepper(0.2)]), TestImages.Constant(100, 100, 100)).Pixels;
        Assert.InRange(twice.Count(p => p != 100) / (double)twice.Length, 0.33, 0.39); // steps draw independently: 1 - 0.8^2
        Assert.Equal(new Gamma(1), Assert.IsType<Sequence>(((ICorruption)new Sequence([new Gamma(1), new BoxBlur(1)])).Scaled(2)).Steps[0]);
    }

    [Fact]
    public void AnyDamageOfAJpegIsDecoded()
    {
        int changed = 0;
        foreach ((int width, int height) in new[] { (1, 1), (16, 16), (33, 70), (200, 40) })
        {
            RgbImage image = TestImages.Textured(width, height);
            foreach (double rate in new[] { 1e-4, 1e-2, 0.3 })
            {
                for (ulong seed = 0; seed < 25; seed++)
                {
                    RgbImage result = new JpegBitErrors(rate, 85).Apply(image, new CounterRandom(seed));
                    Assert.Equal((width, height), (result.Width, result.Height));
                    changed += result.Pixels.AsSpan().SequenceEqual(image.Pixels) ? 0 : 1;
                }
            }
            for (double missing = 0; missing < 0.99; missing += 0.03)
                Assert.Equal(image.Pixels.Length, Apply(new TruncatedJpeg(missing, 85), image).Pixels.Length);
        }
        Assert.True(changed > 200);
        RgbImage whole = Apply(new TruncatedJpeg(0, 85), Image), half = Apply(new TruncatedJpeg(0.5, 85), Image);
        byte[] reference = Apply(new JpegCompression(85), Image).Pixels; // libjpeg's decoder, whose arithmetic is of whole numbers
        int[] differences = [.. whole.Pixels.Zip(reference, (a, b) => Math.Abs(a - b))];
        Assert.InRange(differences.Average(), 0, 0.5);
        Assert.InRange(differences.Max(), 0, 4);
        Assert.Equal(whole.Pixels.AsSpan(0, 61 * 3 * 8), half.Pixels.AsSpan(0, 61 * 3 * 8));
        Assert.NotEqual(whole.Pixels, half.Pixels);
    }

    [Fact]
    public void SharesAreKept()
    {
        RgbImage gray = TestImages.Constant(160, 160, 77);
        Assert.InRange(Changed(new SaltAndPepper(0.1), gray), 0.09, 0.11);
        Assert.InRange(Changed(new DeadPixels(0.05), gray), 0.045, 0.05);
        Assert.InRange(Changed(new LostBlocks(0.2, 8), gray, 20), 0.6 * 0.2 - 0.03, 0.6 * 0.2 + 0.03); // two of five repeat a neighbour
        Assert.InRange(Changed(new Rectangles(1, 0.25), gray), 0.24, 0.26);
    }

    [Theory, InlineData(1, 1), InlineData(2, 1), InlineData(1, 7), InlineData(64, 48), InlineData(61, 47)]
    public void TheWaveletIsInvertedAndNearlyKeepsTheNorm(int width, int height)
    {
        float[] plane = [.. TestImages.Textured(width, height).Pixels.Select(p => p - 128f)], bands = [.. plane];
        Wavelet.Forward(bands, width, height, 3, 5);
        double norm = bands.Sum(x => (double)x * x) / plane.Sum(x => (double)x * x);
        Assert.InRange(norm, 0.6, 1.4);
        Wavelet.Inverse(bands, width, height, 3, 5);
        for (int i = 0; i < plane.Length; i++)
            Assert.InRange(bands[i] - plane[i], -0.01, 0.01);
    }

    [Fact]
    public void TheWaveletsHighBandsVanishOnACubicCurve() // four vanishing moments
    {
        const int Side = 64;
        float[] row = [.. Enumerable.Range(0, Side).Select(x => (float)(0.001 * x * x * x - 0.05 * x * x + x + 3))];
        Wavelet.Forward(row, Side, 1, 1, 1);
        Assert.All(row[(Side / 2 + 3)..^4], value => Assert.InRange(value, -0.01, 0.01));
        Assert.InRange(row[Side / 4] / (0.001 * 32 * 32 * 32 - 0.05 * 32 * 32 + 32 + 3), 1.41, 1.43); // and the low band's gain is the root of 2
    }

    [Fact]
    public void LongPicturesPassACodecThatCannotHoldThem()
    {
        RgbImage image = TestImages.Textured(17_000, 2);
        RgbImage webp = Apply(new WebpCompression(80), image);
        Assert.Equal((17_000, 2), (webp.Width, webp.Height));
        Assert.InRange(webp.Pixels.Zip(image.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 40);
    }

    [Fact]
    public void WarpsOfLongPicturesAreThoseOfTheirParts()
    {
        RgbImage image = TestImages.Textured(33_000, 3), part = new(1000, 3);
        for (int y = 0; y < 3; y++)
            image.Pixels.AsSpan(3 * (y * 33_000 + 16_000), 3000).CopyTo(part.Pixels.AsSpan(3000 * y)); // over the seam of two tiles at 16384
        foreach (double[] matrix in new double[][] { [1, 0, 2.5, 0, 1, 0.25], [1, 0.5, 0, 0, 1, 0] })
        {
            RgbImage whole = Mats.Filter(image, (input, output) => Warp.Affine(input, output, matrix)), expected = Mats.Filter(part, (input, output) => Warp.Affine(input, output, matrix));
            for (int y = 0; y < 3; y++)
                for (int x = 10; x < 990; x++)
                    Assert.InRange(At(whole, 16_000 + x, y, 1) - At(expected, x, y, 1), -2, 2); // places are rounded to 1/32 pixel
        }
        foreach (ICorruption corruption in new ICorruption[] { new Rotation(5), new Perspective(0.1), new Wave(3, 2), new LensDistortion(0.3), new Crop(0.2), new Shift(0.2) })
            Assert.Equal(image.Pixels.Length, Apply(corruption, image).Pixels.Length);
        float[] still = new float[8];
        Assert.Equal(image.Pixels, Mats.Filter(image, (input, output) => Warp.Perspective(input, output, still, OpenCvSharp.BorderTypes.Replicate)).Pixels);
    }

    private static RgbImage Apply(ICorruption corruption, RgbImage image) => corruption.Apply(image, new CounterRandom(1));

    private static int At(RgbImage image, int x, int y, int channel) => image.Pixels[3 * (y * image.Width + x) + channel];

    private static int Colours(RgbImage image) => image.Pixels.Chunk(3).Select(p => p[0] << 16 | p[1] << 8 | p[2]).Distinct().Count();

    private static double Changed(ICorruption corruption, RgbImage image, int seeds = 1) => Enumerable.Range(0, seeds).Average(seed =>
        corruption.Apply(image, new CounterRandom((ulong)seed)).Pixels.Chunk(3).Zip(image.Pixels.Chunk(3)).Count(pair => !pair.First.SequenceEqual(pair.Second)) / (double)(image.Width * image.Height));
}
