using Roma.Core;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using Roma.Models.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Generation;

/// <summary>
/// Batched generation with a key/value cache. The sequences of a prompt share its pictures' encoding and its prefix. Draws come from one stream per sequence, so a
/// sequence's tokens do not depend on what else is in the batch.
/// </summary>
public sealed unsafe class TextGenerator
{
    private readonly VisionLanguageNetwork _model;
    private readonly HashSet<int> _stop;
    private readonly int[] _suppressed;
    private readonly Tokenizer? _tokenizer;

    /// <summary>Prepares generation.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stopTokens">Tokens that end a sequence.</param>
    /// <param name="suppressed">Tokens that are never drawn: vision specials and embedding rows that no token owns.</param>
    /// <param name="tokenizer">Writes tokens as text, where texts may end a sequence.</param>
    public TextGenerator(VisionLanguageNetwork model, IEnumerable<int> stopTokens, IEnumerable<int> suppressed, Tokenizer? tokenizer = null)
    {
        (_model, _stop, _suppressed, _tokenizer) = (model, [.. stopTokens], [.. suppressed], tokenizer);
    }

    /// <summary>Refuses what cannot be generated, before anything is computed; <see cref="Generate"/> begins with it.</summary>
    /// <param name="prompts">Prompts.</param>
    /// <param name="settings">Length and how tokens are drawn.</param>
    /// <exception cref="RomaException">A prompt and the new tokens are more than the model's positions; or stop texts without a tokenizer.</exception>
    public void Refuse(IReadOnlyList<TokenPrompt> prompts, SamplingSettings settings)
    {
        for (int b = 0; b < prompts.Count; b++)
            prompts[b].RefuseIfLonger(_model.Config, settings.MaxTokens, $"{b + 1} of {prompts.Count}");
        if (settings.Stop.Count > 0 && _tokenizer is null)
            throw new RomaException("Stop texts need a tokenizer.", "Take the generator of a loaded model.");
    }

    /// <summary>Generates.</summary>
    /// <param name="prompts">Prompts.</param>
    /// <param name="features">Features of all their pictures in order, or null.</param>
    /// <param name="group">Sequences per prompt.</param>
    /// <param name="settings">Length and how tokens are drawn.</param>
    /// <param name="streams">The stream of each sequence, prompt by prompt; unused at temperature 0.</param>
    /// <param name="cancellation">Stops between tokens.</param>
    /// <param name="onToken">Called for every token with the number of its sequence, one call at a time; a sequence's tokens come in order.</param>
    /// <returns>B x group sequences, prompt by prompt.</returns>
    /// <exception cref="RomaException">A prompt and the new tokens are more than the model's positions, which is told before anything is computed; or stop texts without a tokenizer.</exception>
    public IReadOnlyList<GeneratedSequence> Generate(IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, int group, SamplingSettings settings,
        Func<int, CounterRandom>? streams = null, CancellationToken cancellation = default, Action<int, int>? onToken = null)
    {
        Refuse(prompts, settings);
        int shards = Math.Min(_model.Shards, prompts.Count);
        var parts = new IReadOnlyList<GeneratedSequence>[shards];
        var turn = new Lock();
        Shards.Run(shards, shard =>
        {
            using DisposeScope scope = NewDisposeScope(); // a thread's own; what lies in none may be collected while libtorch still reads it
            (int first, int end) = (prompts.Count * shard / shards, prompts.Count * (shard + 1) / shards);
            SequenceState[] sequences = [.. Enumerable.Range(first * group, (end - first) * group).Select(i => new SequenceState(streams?.Invoke(i) ?? new CounterRandom(0), settings.Stop, _tokenizer))];
            parts[shard] = Part([.. prompts.Take(first..end)], FeaturesOf(prompts, features, first, end), group, settings, sequences, cancellation, (sequence, token) =>
            {
                if (onToken is not null)
                    lock (turn)
                        onToken(first * group + sequence, token);
            });
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

    private IReadOnlyList<GeneratedSequence> Part(IReadOnlyList<TokenPrompt> prompts, VisionFeatures? features, int group, SamplingSettings settings, SequenceState[] sequences,
        CancellationToken cancellation, Action<int, int> onToken)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int count = sequences.Length;
        var layout = new PackedLayout([.. prompts.Select(prompt => prompt.Ids.Length)], []);
        using var cache = new KvCache(layout, group, settings.MaxTokens);
        int[] active = [.. Enumerable.Range(0, count)];
        (int Token, float LogProb)[] drawn = new (int, float)[count];

        TokenBatch batch = _model.Tokens([.. prompts.SelectMany(prompt => prompt.Ids)], [.. prompts.SelectMany(prompt => prompt.Positions)], layout);
        long[] last = [.. prompts.Select((prompt, b) => (long)layout.PrefixRow(b, prompt.Ids.Length - 1))];
        Draw(_model.Forward(batch, features, cache, tensor(last, device: _model.Device)), rows: group);

        for (int step = 0; step + 1 < settings.MaxTokens; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            active = [.. active.Where(slot => !sequences[slot].Ended)];
            if (active.Length == 0)
                break;
            using DisposeScope inner = NewDisposeScope();
            cache.Decode(step, active);
            int[] ids = [.. active.Select(slot => sequences[slot].Tokens[^1])];
            (int, int, int)[] places = [.. active.Select(slot => prompts[slot / group].Next + step).Select(p => (p, p, p))];
            Draw(_model.Forward(_model.Tokens(ids, places, layout), null, cache), rows: 1);
        }
        return [.. sequences.Select(sequence => sequence.Result())];

        // Draws for the active sequences from their hidden rows, one for as many neighbours as share it.
        void Draw(Tensor rows_AH, int rows)
        {
            using Tensor logits_AV = LinearMap.Apply(_model.Normalize(rows_AH), _model.Head_VH).to(ScalarType.Float32).cpu();
            float* logits = TensorMemory.Floats(logits_AV);
            int vocab = (int)logits_AV.shape[1];
            float inverse = settings.Temperature == 0 ? 1 : (float)(1 / settings.Temperature);
            TensorMemory.Parallel((int)logits_AV.shape[0], (_, from, to) =>
            {
                for (int row = from; row < to; row++)
                {
                    var own = new Span<float>(logits + (long)row * vocab, vocab);
                    float lse = Simd.LogSumExp(logits + (long)row * vocab, vocab, inverse);
                    float[]? untouched = settings.RepetitionPenalty == 1 ? null : own.ToArray();
                    if (untouched is not null)
                        Sampler.Penalize(own, prompts[active[row * rows] / group].Ids.Concat(sequences[active[row * rows]].Tokens), settings.RepetitionPenalty);
                    foreach (int token in _suppressed)
                        own[token] = float.NegativeInfinity;
                    Sampler.Truncate(own, settings);
                    for (int a = row * rows; a < (row + 1) * rows; a++)
                    {
                        int token = Sampler.Draw(own, settings.Temperature, sequences[active[a]].Random);
                        drawn[a] = (token, (untouched?[token] ?? own[token]) * inverse - lse);
                    }
                }
            });
            for (int a = 0; a < active.Length; a++)
            {
                sequences[active[a]].Add(drawn[a].Token, drawn[a].LogProb, _stop.Contains(drawn[a].Token));
                onToken(active[a], drawn[a].Token);
            }
        }
    }
}
