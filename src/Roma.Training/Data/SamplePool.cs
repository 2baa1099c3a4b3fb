using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Roma.Core;
using Roma.Data;
using Roma.Models;
using Roma.Training.Rewards;

namespace Roma.Training.Data;

/// <summary>
/// The samples that a run asks: all of its data, or all but the over-long ones. Stored data are looked through before the first step, headers of pictures instead of pictures; of data that are made on demand only the first
/// samples are, and a long one is refused when its turn comes.
/// </summary>
public sealed class SamplePool
{
    private const int Probe = 2, Named = 5;
    private readonly long[]? _kept;

    private SamplePool(long? all, long[]? kept, string hash, int unjudged = 0) => (All, _kept, Hash, Unjudged) = (all, kept, hash, unjudged);

    /// <summary>Samples of the data; null where they never end.</summary>
    public long? All { get; }

    /// <summary>Samples that are asked; null where they never end.</summary>
    public long? Count => _kept?.Length ?? All;

    /// <summary>How many are left out.</summary>
    public long Skipped => All - Count ?? 0;

    /// <summary>How many of all stored samples have a reference answer that the run's rule cannot judge by: their responses have no reward.</summary>
    public int Unjudged { get; }

    /// <summary>SHA-256 of the data: of every stored sample, or of the first ones that are made on demand.</summary>
    public string Hash { get; }

    /// <summary>Looks through the data of a run.</summary>
    /// <param name="settings">The run.</param>
    /// <param name="model">The policy.</param>
    /// <param name="decode">Also decodes every stored picture that is asked about, and keeps none: damage behind the headers shows too.</param>
    /// <exception cref="RomaException">Samples are too long and are not to be left out, or nothing else is left; samples cannot be asked, or pictures are damaged.</exception>
    public static SamplePool Of(TrainingSettings settings, VisionLanguageModel model, bool decode = false)
    {
        var limit = new LengthLimit(settings, model);
        IDataset data = settings.Data;
        if (data.Count is not { } count || data.Outline(0) is null)
            return new(data.Count, null, Hashed(Enumerable.Range(0, (int)Math.Min(data.Count ?? Probe, Probe)).Select(i => Digest(data.Get(i)))));
        byte[][] digests = new byte[count][];
        int[] tooLong = new int[count]; // tokens of prompts that are
        string[] ids = new string[count];
        bool[] unjudged = new bool[count];
        var faults = new RomaException?[count];
        Parallel.For(0, count, i =>
        {
            try
            {
                SampleOutline sample = data.Outline(i)!;
                (digests[i], ids[i], unjudged[i]) = (sample.Digest, sample.Id, settings.Answer?.CanJudge(sample.Answer) == false);
                if (limit.IsOverLong(sample, i, out int tokens))
                    tooLong[i] = tokens;
                else if (decode)
                    _ = data.Get(i);
            }
            catch (RomaException e)
            {
                faults[i] = e;
            }
        });
        if (faults.OfType<RomaException>().ToArray() is { Length: > 0 } found)
            throw found is [var only] ? only
                : new RomaException($"{found.Length} of {count} samples of {data.Name} cannot be asked:{string.Concat(found.Take(Named).Select(fault => $"\n  {fault.Message}"))}{(found.Length > Named ? "\n  ..." : "")}", found[0].Remedy, found[0]);
        long[] over = [.. Indices(tokens => tokens > 0)], kept = [.. Indices(tokens => tokens == 0)];
        if (over.Length > 0 && (settings.OverLong == OverLong.Refuse || kept.Length == 0))
            throw new RomaException(string.Create(CultureInfo.InvariantCulture, $"{over.Length} of {count} samples of {data.Name} do not fit: a prompt may have {limit.Most} tokens, and with its response {model.Config.Text.MaxPositions}. {string.Join(", ", over.Take(Named).Select(i => $"'{ids[i]}' has {tooLong[i]}"))}{(over.Length > Named ? ", ..." : ".")}"),
                kept.Length == 0 ? "Raise max_prompt_tokens, lower max_tokens, or use smaller pictures (max_pixels in preprocessor_config.json)."
                    : "Set over_long: skip to leave them out, raise max_prompt_tokens, lower max_tokens, or use smaller pictures (max_pixels in preprocessor_config.json).");
        if (unjudged.All(it => it) && settings.Rewards.OfType<AnswerReward>().Any() && settings.Method.Sampling is not null)
            throw new RomaException($"The answer rule {NamedTypes.NameOf(settings.Answer!.GetType())} can judge by none of the reference answers of {data.Name}: no response would have a reward.", "Name another rule as answer.");
        return new(count, over.Length == 0 ? null : kept, Hashed(digests), unjudged.Count(it => it));

        IEnumerable<long> Indices(Func<int, bool> which) => Enumerable.Range(0, (int)count).Where(i => which(tooLong[i])).Select(i => (long)i);
    }

    /// <summary>The index in the data of a sample of this pool.</summary>
    /// <param name="place">From 0.</param>
    public long IndexOf(long place) => _kept is null ? place : _kept[place];

    private static byte[] Digest(Sample sample)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string text in new[] { sample.Id, sample.Question, sample.Answer })
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        foreach (RgbImage image in sample.Images)
            hash.AppendData(image.Pixels);
        return hash.GetHashAndReset();
    }

    private static string Hashed(IEnumerable<byte[]> digests)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] digest in digests)
            hash.AppendData(digest);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
