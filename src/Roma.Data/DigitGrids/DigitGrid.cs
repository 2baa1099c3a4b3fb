using System.Globalization;
using Roma.Core;

namespace Roma.Data;

/// <summary>
/// The procedural benchmark: a 64x64 grey picture of 2x2 hand-drawn digits and a question about two of them, such as "sum top" or "difference rising".
/// Every sample is a pure function of (split, index), so the splits are disjoint by construction and nothing is stored.
/// </summary>
/// <param name="Split">train, validation or test.</param>
/// <param name="Count">How many samples the split has, at least 1; null for a stream without end. The first ones are the same for every count.</param>
/// <param name="TranscriptionShare">The share of samples, 0 to 1, that ask to "read all" digits instead; such prompts speed up a warm start. The pictures do not change.</param>
[Name("digit_grid")]
public sealed record DigitGrid(string Split = "train", long? Count = null, double TranscriptionShare = 0) : IDataset
{
    private static readonly string[] Operations = ["sum", "difference", "max"];
    private static readonly (string Name, int First, int Second)[] Locations =
        [("top", 0, 1), ("bottom", 2, 3), ("left", 0, 2), ("right", 1, 3), ("falling", 0, 3), ("rising", 1, 2)];

    /// <summary>train, validation or test.</summary>
    /// <exception cref="RomaException">Another word was given.</exception>
    public string Split { get; } = Split is "train" or "validation" or "test"
        ? Split : throw new RomaException($"digit_grid has no split '{Split}'; it has train, validation and test.");

    /// <inheritdoc/>
    /// <exception cref="RomaException">Less than 1 was given.</exception>
    public long? Count { get; } = Count is not < 1 ? Count : throw new RomaException($"The count of digit_grid is at least 1, not {Count}.");

    /// <summary>The share of samples, 0 to 1, that ask to "read all" digits.</summary>
    /// <exception cref="RomaException">A number outside 0 to 1 was given.</exception>
    public double TranscriptionShare { get; } = TranscriptionShare is >= 0 and <= 1
        ? TranscriptionShare : throw new RomaException(FormattableString.Invariant($"transcription_share is from 0 to 1, not {TranscriptionShare}."));

    /// <inheritdoc/>
    public string Name => $"digit_grid-{Split}";

    /// <inheritdoc/>
    public Sample Get(long index)
    {
        var random = Stream(index);
        var item = Draw(random);
        return new Sample($"{Name}-{index.ToString(CultureInfo.InvariantCulture)}", [DigitGridRenderer.Render(item.Digits, random)], item.Question, item.Answer, item.Question);
    }

    /// <inheritdoc/>
    public string Response(long index) => Item(index).Response;

    /// <summary>What a sample asks and shows, without drawing its picture.</summary>
    /// <param name="index">As in <see cref="Get"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    public DigitGridItem Item(long index) => Draw(Stream(index));

    private CounterRandom Stream(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count ?? long.MaxValue);
        return CounterRandom.Of("digit_grid", Split, index);
    }

    /// <summary>Takes the same draws for every share of transcriptions: the picture that follows is the same.</summary>
    private DigitGridItem Draw(CounterRandom random)
    {
        int[] digits = [random.Integer(0, 10), random.Integer(0, 10), random.Integer(0, 10), random.Integer(0, 10)];
        int operation = random.Integer(0, Operations.Length);
        (string location, int first, int second) = Locations[random.Integer(0, Locations.Length)];
        if (random.NextDouble() < TranscriptionShare)
        {
            string all = string.Concat(digits);
            return new DigitGridItem(digits, "read all", all, all);
        }
        (int a, int b) = (digits[first], digits[second]);
        (char sign, int result) = operation switch
        {
            0 => ('+', a + b),
            1 => ('-', Math.Abs(a - b)),
            _ => ('m', Math.Max(a, b)),
        };
        if (operation == 1 && a < b)
            (a, b) = (b, a);
        return new DigitGridItem(digits, $"{Operations[operation]} {location}", $"{a}{sign}{b}={result}", $"{result}");
    }
}
