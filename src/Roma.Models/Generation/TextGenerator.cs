using Roma.Core;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Qwen3Vl;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Generation;

/// <summary>
/// Batched generation with a key/value cache. The sequences of a prompt share its pictures' encoding and its prefix. Draws come from one stream per sequence, so a
/// sequence's tokens do not depend on what else is in the batch.
/// </summary>
public sealed unsafe class TextGenerator
{
    private const long MostSharedWeights = 4 << 20; // weights that stay in the cache; larger ones must not be read once by every thread
    private readonly Qwen3VlModel _model;
    private readonly HashSet<int> _stop;
    private readonly int[] _suppressed;
    private readonly bool _small;

    /// <summary>Prepares generation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stopTokens">Tokens that end a sequence.</param>
    /// <param name="suppressed">Tokens that are never drawn: vision specials and embedding rows that no token owns.</param>
    public TextGenerator(Qwen3VlModel model, IEnumerable<int> stopTokens, IEnumerable<int> suppressed) =>
        (_model, _stop, _suppressed, _small) = (model, [.. stopTokens], [.. suppressed], model.Device.type == DeviceType.CPU && model.parameters().Sum(weight => weight.numel()) <= MostSharedWeights);

    /// <summary>Generates.</summary>
    /// <param name="prompts">Prompts.</param>
    /// <param name="features">Features of all their pictures in order, or null.</param>
    /// <param name="group">Sequences per prompt.</param>
    /// <param name="settings">Length and temperature.</param>
    /// <param name="streams">The stream of each sequence, prompt by prompt; unused at temperature 0.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <returns>B x group sequences, prompt by prompt.</returns>
    /// <exception cref="RomaException">The longest prompt and the new tokens are more than the model's positions.</exception>
    public IReadOnlyList<GeneratedSequence> Generate(IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, int group, SamplingSettings settings,
        Func<int, CounterRandom>? streams = null, CancellationToken cancellation = default)
    {
        (int longest, int positions) = (prompts.Max(prompt => prompt.Ids.Length), _model.Config.Text.MaxPositions);
        if (longest + settings.MaxTokens > positions)
            throw new RomaException($"A prompt has {longest} tokens; with {settings.MaxTokens} new ones that is more than the model's {positions} positions.", "Lower the number of new tokens or use smaller pictures.");
        int shards = _small ? Math.Min(TensorMemory.Threads, prompts.Count) : 1;
        var parts = new IReadOnlyList<GeneratedSequence>[shards];
        Shards.Run(shards, shard =>
        {
            (int first, int end) = (prompts.Count * shard / shards, prompts.Count * (shard + 1) / shards);
            parts[shard] = Part([.. prompts.Take(first..end)], FeaturesOf(prompts, features, first, end), group, settings, i => streams?.Invoke(first * group + i) ?? new CounterRandom(0), cancellation);
        });
        return shards == 1 ? parts[0] : [.. parts.SelectMany(part => part)];
    }

    /// <summary>The features of the pictures of prompts from first to before end, sharing memory.</summary>
    private VisionFeatures? FeaturesOf(IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, int first, int end)
    {
        if (features is null || end - first == prompts.Count)
            return features;
        (int before, int rows) = (Rows(0, first), Rows(first, end));
        return rows == 0 ? null : new(features.Merged_MH.narrow(0, before, rows), [.. features.Deepstack_MH.Select(layer => layer.narrow(0, before, rows))]);

        int Rows(int from, int to) => prompts.Take(from..to).Sum(prompt => prompt.Ids.Count(id => id == _model.Config.ImageTokenId));
    }

    private IReadOnlyList<GeneratedSequence> Part(IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, int group, SamplingSettings settings,
        Func<int, CounterRandom> streams, CancellationToken cancellation)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int count = prompts.Count * group;
        var layout = new PackedLayout([.. prompts.Select(prompt => prompt.Ids.Length)], []);
        using var cache = new KvCache(layout, group, settings.MaxTokens);
        CounterRandom[] random = [.. Enumerable.Range(0, count).Select(streams)];
        var tokens = new List<int>[count];
        int[] active = [.. Enumerable.Range(0, count)], drawn = new int[count];

        TokenBatch batch = _model.Tokens([.. prompts.SelectMany(prompt => prompt.Ids)], [.. prompts.SelectMany(prompt => prompt.Positions)], layout);
        long[] last = [.. prompts.Select((prompt, b) => (long)layout.PrefixRow(b, prompt.Ids.Length - 1))];
        Draw(_model.Forward(batch, features, cache, tensor(last, device: _model.Device)), row => row / group);
        for (int i = 0; i < count; i++)
            tokens[i] = [drawn[i]];

        for (int step = 0; step + 1 < settings.MaxTokens; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            active = [.. active.Where(slot => !_stop.Contains(tokens[slot][^1]))];
            if (active.Length == 0)
                break;
            using DisposeScope inner = NewDisposeScope();
            cache.Decode(step, active);
            int[] ids = [.. active.Select(slot => tokens[slot][^1])];
            (int, int, int)[] places = [.. active.Select(slot => prompts[slot / group].Next + step).Select(p => (p, p, p))];
            Draw(_model.Forward(_model.Tokens(ids, places, layout), null, cache), row => row);
            for (int a = 0; a < active.Length; a++)
                tokens[active[a]].Add(drawn[a]);
        }
        return [.. tokens.Select(sequence => new GeneratedSequence([.. sequence], _stop.Contains(sequence[^1])))];

        // Fills drawn[a] for the a-th active sequence from the hidden row that rowOf gives.
        void Draw(Tensor rows_AH, Func<int, int> rowOf)
        {
            using Tensor logits_AV = _model.Normalize(rows_AH).mm(_model.Head_VH.t()).to(ScalarType.Float32).cpu();
            float* logits = TensorMemory.Floats(logits_AV);
            int vocab = (int)logits_AV.shape[1];
            for (int row = 0; row < logits_AV.shape[0]; row++)
                foreach (int token in _suppressed)
                    logits[(long)row * vocab + token] = float.NegativeInfinity;
            TensorMemory.Parallel(active.Length, (_, from, to) =>
            {
                for (int a = from; a < to; a++)
                    drawn[a] = Sampler.Draw(new(logits + (long)rowOf(a) * vocab, vocab), settings.Temperature, random[active[a]]);
            });
        }
    }
}
