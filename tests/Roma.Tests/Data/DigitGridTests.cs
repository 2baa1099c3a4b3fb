using System.Security.Cryptography;
using Roma.Core;
using Roma.Data;

namespace Roma.Tests.Data;

public class DigitGridTests
{
    [Fact]
    public void SameIndexGivesTheSameSampleOnAnyThread()
    {
        var grid = new DigitGrid();
        var once = Enumerable.Range(0, 400).Select(i => grid.Get(i)).ToList();
        Parallel.For(0, 400, i =>
        {
            var again = new DigitGrid().Get(i);
            Assert.Equal(once[i].Images[0].Pixels, again.Images[0].Pixels);
            Assert.Equal((once[i].Id, once[i].Question, once[i].Answer, once[i].Category), (again.Id, again.Question, again.Answer, again.Category));
        });
        Assert.Equal(400, once.Select(s => s.Id).Distinct().Count());
    }

    [Fact]
    public void TheBenchmarkDoesNotDrift() // integers only: the same on every platform
    {
        var grid = new DigitGrid("test");
        Assert.Equal(["0738 sum right 7+8=15", "9716 difference falling 9-6=3", "7532 sum rising 5+3=8", "7955 difference right 9-5=4"],
            Enumerable.Range(0, 4).Select(i => grid.Item(i)).Select(item => $"{string.Concat(item.Digits)} {item.Question} {item.Response}"));
    }

    [Fact]
    public void NoPictureIsInTwoSplitsOrTwice()
    {
        var seen = new HashSet<string>();
        foreach (string split in new[] { "train", "validation", "test" })
            for (int i = 0; i < 3000; i++)
                Assert.True(seen.Add(Convert.ToHexString(SHA256.HashData(new DigitGrid(split).Get(i).Images[0].Pixels))), $"{split} {i} is not new.");
    }

    [Fact]
    public void AnswersFollowFromTheDigits()
    {
        var grid = new DigitGrid("validation", TranscriptionShare: .2);
        for (int i = 0; i < 3000; i++)
        {
            var item = grid.Item(i);
            string text = string.Concat(item.Digits), answer = item.Answer, response = grid.Response(i);
            Assert.Matches("^[0-9]{4}$", text);
            string[] words = item.Question.Split(' ');
            if (item.Question == "read all")
            {
                Assert.Equal((text, text), (answer, response));
                continue;
            }
            string pair = words[1] switch
            {
                "top" => text[..2],
                "bottom" => text[2..],
                "left" => $"{text[0]}{text[2]}",
                "right" => $"{text[1]}{text[3]}",
                "falling" => $"{text[0]}{text[3]}",
                "rising" => $"{text[1]}{text[2]}",
                _ => throw new InvalidOperationException(words[1]),
            };
            string sorted = string.Concat(pair.OrderDescending());
            (int low, int high) = (sorted[1] - '0', sorted[0] - '0');
            (string expected, string thought) = words[0] switch
            {
                "sum" => ($"{low + high}", $"{pair[0]}+{pair[1]}"),
                "difference" => ($"{high - low}", $"{high}-{low}"),
                "max" => ($"{high}", $"{pair[0]}m{pair[1]}"),
                _ => throw new InvalidOperationException(words[0]),
            };
            Assert.Equal((expected, $"{thought}={expected}"), (answer, response));
        }
    }

    [Fact]
    public void QuestionsAndDigitsAreBalanced()
    {
        const int N = 18_000;
        var grid = new DigitGrid();
        var items = Enumerable.Range(0, N).Select(i => grid.Item(i)).ToList();
        var kinds = items.CountBy(item => item.Question).ToList();
        Assert.Equal(18, kinds.Count);
        Assert.All(kinds, kind => Assert.InRange(kind.Value, 850, 1150)); // expected 1000, deviation 31
        for (int cell = 0; cell < 4; cell++)
            Assert.All(items.CountBy(item => item.Digits[cell]), digit => Assert.InRange(digit.Value, 1600, 2000)); // expected 1800, deviation 40
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(.5, 930, 1070)] // 2000 draws, deviation 22
    [InlineData(1, 2000, 2000)]
    public void TranscriptionsTakeTheirShareAndLeaveThePictures(double share, int least, int most)
    {
        var (plain, mixed) = (new DigitGrid(), new DigitGrid(TranscriptionShare: share));
        Assert.InRange(Enumerable.Range(0, 2000).Count(i => mixed.Item(i).Question == "read all"), least, most);
        for (int i = 0; i < 50; i++)
            Assert.Equal(plain.Get(i).Images[0].Pixels, mixed.Get(i).Images[0].Pixels);
    }

    [Fact]
    public void SampleMatchesItem()
    {
        IDataset data = new DigitGrid("test", 10);
        var (sample, item) = (data.Get(9), new DigitGrid("test").Item(9));
        Assert.Equal(("digit_grid-test-9", item.Question, item.Answer, item.Question), (sample.Id, sample.Question, sample.Answer, sample.Category));
        Assert.Equal((item.Response, 10L, "digit_grid-test"), (data.Response(9), data.Count, data.Name));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Get(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Get(-1));
    }

    [Fact]
    public void WrongSettingsAreRefused()
    {
        Assert.Contains("validation", Assert.Throws<RomaException>(() => new DigitGrid("valid")).Message);
        Assert.Contains("-3", Assert.Throws<RomaException>(() => new DigitGrid(Count: -3)).Message);
        Assert.Contains("1.5", Assert.Throws<RomaException>(() => new DigitGrid(TranscriptionShare: 1.5)).Message);
        Assert.Throws<RomaException>(() => new DigitGrid(TranscriptionShare: double.NaN));
    }

    [Fact]
    public void PicturesAreGreyAndTheDigitsStandOut()
    {
        for (int i = 0; i < 300; i++)
        {
            var image = new DigitGrid().Get(i).Images[0];
            Assert.Equal((64, 64), (image.Width, image.Height));
            for (int p = 0; p < image.Pixels.Length; p += 3)
                Assert.True(image.Pixels[p] == image.Pixels[p + 1] && image.Pixels[p] == image.Pixels[p + 2]);
            for (int cell = 0; cell < 4; cell++)
            {
                var sorted = Cell(image, cell).Order().ToArray();
                // Most of a cell is background (.05 to .35 and the slope), its 20 brightest pixels are stroke (.35 to .6 more).
                Assert.InRange(sorted[sorted.Length / 3], 0, .42);
                Assert.InRange(sorted[^20] - sorted[sorted.Length / 3], .25, .75);
            }
        }
    }

    [Fact]
    public void DigitsStayInTheirCells() // the outermost pixels of a cell are background: no stroke crosses into its neighbour
    {
        for (int i = 0; i < 300; i++)
        {
            var image = new DigitGrid().Get(i).Images[0];
            for (int cell = 0; cell < 4; cell++)
            {
                float[] pixels = Cell(image, cell);
                float median = pixels.Order().ElementAt(pixels.Length / 3);
                for (int k = 0; k < 32; k++)
                    Assert.All([pixels[k], pixels[31 * 32 + k], pixels[32 * k], pixels[32 * k + 31]], edge => Assert.InRange(edge - median, -.2, .2));
            }
        }
    }

    [Fact]
    public void DigitsAreToldApartByTheNearestExample()
    {
        var examples = Glyphs(new DigitGrid("train"), 500);
        var probes = Glyphs(new DigitGrid("test"), 100);
        int right = probes.Count(probe => examples.MinBy(example => Distance(example.Shape, probe.Shape)).Digit == probe.Digit);
        Assert.InRange(right / (double)probes.Count, .97, 1);
    }

    private static float Distance(float[] a, float[] b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        return sum;
    }

    private static List<(int Digit, float[] Shape)> Glyphs(DigitGrid grid, int pictures) =>
        [.. from i in Enumerable.Range(0, pictures) let image = grid.Get(i).Images[0] from cell in Enumerable.Range(0, 4) select (grid.Item(i).Digits[cell], Shape(Cell(image, cell)))];

    /// <summary>The box around the bright pixels on a 10x10 raster, each cell the mean of what it covers.</summary>
    private static float[] Shape(float[] pixels)
    {
        float[] sorted = [.. pixels.Order()];
        float low = sorted[sorted.Length / 3], threshold = (low + sorted[^20]) / 2;
        var bright = Enumerable.Range(0, pixels.Length).Where(i => pixels[i] > threshold).ToList();
        int left = bright.Min(i => i % 32), right = bright.Max(i => i % 32) + 1, top = bright.Min(i => i / 32), bottom = bright.Max(i => i / 32) + 1;
        float[] shape = new float[100];
        for (int i = 0; i < 100 * 16; i++) // 4x4 points in each raster cell
        {
            int x = left + (int)((i % 40 + .5f) * (right - left) / 40), y = top + (int)((i / 40 + .5f) * (bottom - top) / 40);
            shape[i / 40 / 4 * 10 + i % 40 / 4] += (pixels[y * 32 + x] - low) / (threshold - low) / 16;
        }
        return [.. shape, (right - left) / 10f];
    }

    private static float[] Cell(RgbImage image, int cell) =>
        [.. Enumerable.Range(0, 32 * 32).Select(i => image.Pixels[3 * ((cell / 2 * 32 + i / 32) * 64 + cell % 2 * 32 + i % 32)] / 255f)];
}
