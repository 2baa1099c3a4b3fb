using Roma.Core;
using Roma.Data;

namespace Roma.Tests.Training.Runs;

/// <summary>Small noisy pictures whose answer, "a" or "bb", nobody can see: whoever has learnt to answer at all is right every other time.</summary>
/// <param name="Count">How many there are; null: no end.</param>
/// <param name="BrokenAfter">How many may be read before reading fails; null: all.</param>
public sealed record LetterData(long? Count = null, int? BrokenAfter = null) : IDataset
{
    private const int Side = 32;
    private int _reads;

    public string Name => "letters";

    public Sample Get(long index)
    {
        if (Interlocked.Increment(ref _reads) > BrokenAfter)
            throw new RomaException($"Sample {index} cannot be read.", "Mend it.");
        CounterRandom random = CounterRandom.Of("letter", index);
        var image = new RgbImage(Side, Side);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.NextUInt32();
        return new($"letter-{index}", [image], index % 3 == 0 ? "which?" : "which one?", index % 7 % 2 == 0 ? "a" : "bb");
    }
}
