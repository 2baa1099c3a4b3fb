using Roma.Core;

namespace Roma.Data;

/// <summary>Questions about pictures, addressed by index. An index always gives the same sample; reading is thread-safe.</summary>
public interface IDataset
{
    /// <summary>The name in logs and reports; it also keys seeds, so two splits never share one.</summary>
    string Name { get; }

    /// <summary>How many samples there are: indices are 0 to <c>Count - 1</c>; null where they never end.</summary>
    long? Count { get; }

    /// <summary>Reads or makes one sample.</summary>
    /// <param name="index">From 0; less than <see cref="Count"/> where that is not null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    Sample Get(long index);

    /// <summary>The whole text that a supervised warm start imitates: the reference answer, or the reasoning that leads to it where the data set knows one.</summary>
    /// <param name="index">As in <see cref="Get"/>.</param>
    /// <exception cref="RomaException">The sample has none.</exception>
    string Response(long index) => Get(index).Answer;

    /// <summary>What a sample asks and how large its pictures are, without decoding them, where samples are stored; null where they are made on demand.</summary>
    /// <param name="index">As in <see cref="Get"/>.</param>
    /// <exception cref="RomaException">The header of a picture is damaged.</exception>
    SampleOutline? Outline(long index) => null;
}
