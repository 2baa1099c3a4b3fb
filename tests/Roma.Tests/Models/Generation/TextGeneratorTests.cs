using Roma.Core;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Layers;
using Roma.Models.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Generation;

public sealed class TextGeneratorTests(NanoFixture nano) : IClassFixture<NanoFixture>, IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _grad = no_grad();

    public void Dispose()
    {
        _grad.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Decoding_with_the_cache_is_the_forward_pass_over_all_tokens()
    {
        const int Group = 2, Steps = 5;
        TokenPrompt[] prompts = [.. Enumerable.Range(0, 4).Select(nano.Prompt)];
        VisionFeatures? features = nano.Features(0, 1, 2, 3);
        CounterRandom random = CounterRandom.Of("tokens");
        int[][] replies = [.. prompts.SelectMany(_ => Enumerable.Range(0, Group)).Select((_, r) => Enumerable.Range(0, Math.Max(1, Steps - r % 3)).Select(_ => random.Integer(0, 250)).ToArray())];
        var layout = new PackedLayout([.. prompts.Select(prompt => prompt.Ids.Length)], []);
        using var cache = new KvCache(layout, Group, Steps);
        VisionLanguageNetwork network = nano.Model.Network;
        Tensor prefix = Logits(network.Forward(network.Tokens([.. prompts.SelectMany(prompt => prompt.Ids)], [.. prompts.SelectMany(prompt => prompt.Positions)], layout), features, cache));
        Tensor[] whole = [.. replies.Select((reply, r) => Whole(r / Group, reply))];
        for (int b = 0; b < prompts.Length; b++)
            Near(whole[b * Group].narrow(0, 0, prompts[b].Ids.Length), prefix.narrow(0, layout.PrefixRow(b, 0), prompts[b].Ids.Length));
        for (int step = 0; step < Steps; step++)
        {
            int[] active = [.. Enumerable.Range(0, replies.Length).Where(r => replies[r].Length > step)]; // sequences drop out at different steps
            cache.Decode(step, active);
            (int, int, int)[] positions = [.. active.Select(r => prompts[r / Group].Next + step).Select(p => (p, p, p))];
            Tensor logits = Logits(network.Forward(network.Tokens([.. active.Select(r => replies[r][step])], positions, layout), null, cache));
            for (int a = 0; a < active.Length; a++)
                Near(whole[active[a]][prompts[active[a] / Group].Ids.Length + step], logits[a]);
        }

        Tensor Whole(int b, int[] reply)
        {
            TokenPrompt prompt = prompts[b];
            (int, int, int)[] positions = [.. prompt.Positions, .. reply.Select((_, t) => (prompt.Next + t, prompt.Next + t, prompt.Next + t))];
            return Logits(network.Forward(network.Tokens([.. prompt.Ids, .. reply], positions, new PackedLayout([positions.Length], [])), nano.Features(b)));
        }

        Tensor Logits(Tensor hidden) => network.Normalize(hidden).mm(network.Head_VH.t());

        static void Near(Tensor expected, Tensor found) => Assert.InRange((expected - found).abs().max().item<float>(), 0, 1e-4f);
    }

    [Fact]
    public void The_tokens_of_a_sequence_do_not_depend_on_the_batch_it_is_in()
    {
        const int Group = 3;
        SamplingSettings settings = new(12);
        TextGenerator generator = nano.Model.Generator();
        IReadOnlyList<GeneratedSequence> together = generator.Generate([.. Enumerable.Range(0, 4).Select(nano.Prompt)], nano.Features(0, 1, 2, 3), Group, settings, i => CounterRandom.Of("stream", i));
        for (int b = 0; b < 4; b++)
            for (int g = 0; g < Group; g++)
            {
                GeneratedSequence alone = generator.Generate([nano.Prompt(b)], nano.Features(b), 1, settings, _ => CounterRandom.Of("stream", b * Group + g)).Single();
                Assert.Equal(together[b * Group + g].Tokens, alone.Tokens);
                Assert.Equal(together[b * Group + g].Finished, alone.Finished);
            }
        Assert.True(together.Select(sequence => string.Join(' ', sequence.Tokens)).Distinct().Count() > 6, "streams differ, so sequences do");
    }

    [Fact]
    public void At_temperature_0_each_token_is_the_most_likely_one()
    {
        VisionLanguageNetwork network = nano.Model.Network;
        int[] reply = nano.Model.Generator().Generate([nano.Prompt(0)], nano.Features(0), 1, new(8, 0)).Single().Tokens;
        TokenPrompt prompt = nano.Prompt(0);
        for (int t = 0; t < reply.Length; t++)
        {
            (int, int, int)[] positions = [.. prompt.Positions, .. Enumerable.Range(prompt.Next, t).Select(p => (p, p, p))];
            Tensor hidden = network.Forward(network.Tokens([.. prompt.Ids, .. reply[..t]], positions, new PackedLayout([positions.Length], [])), nano.Features(0));
            Tensor logits = network.Normalize(hidden[-1].unsqueeze(0)).mm(network.Head_VH.t())[0];
            foreach (int token in nano.Model.SuppressedTokens)
                logits[token] = float.NegativeInfinity;
            Assert.Equal(logits.argmax().item<long>(), reply[t]);
        }
    }

    [Fact]
    public void Suppressed_tokens_are_never_drawn_and_end_tokens_end()
    {
        int[] likely = [.. Enumerable.Range(0, 40)];
        TextGenerator free = new(nano.Model.Network, [], []), bound = new(nano.Model.Network, [300], likely);
        IReadOnlyList<GeneratedSequence> Draw(TextGenerator generator) => generator.Generate([nano.Prompt(1)], null, 32, new(10, 8), i => CounterRandom.Of("draw", i));
        Assert.Contains(Draw(free).SelectMany(sequence => sequence.Tokens), likely.Contains);
        IReadOnlyList<GeneratedSequence> replies = Draw(bound);
        Assert.DoesNotContain(replies.SelectMany(sequence => sequence.Tokens), likely.Contains);
        Assert.All(replies, sequence => Assert.Equal(sequence.Finished, sequence.Tokens[^1] == 300));
        Assert.All(replies, sequence => Assert.DoesNotContain(300, sequence.Tokens[..^1]));
        Assert.All(replies, sequence => Assert.True(sequence.Finished || sequence.Tokens.Length == 10));
        Assert.Contains(replies, sequence => sequence.Finished);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    public void Log_probabilities_are_those_of_teacher_forcing(double temperature)
    {
        TokenPrompt[] prompts = [.. Enumerable.Range(0, 4).Select(nano.Prompt)];
        VisionFeatures? features = nano.Features(0, 1, 2, 3);
        IReadOnlyList<GeneratedSequence> sequences = nano.Model.Generator().Generate(prompts, features, 2, new(6, temperature, topK: 20, topP: 0.9, repetitionPenalty: 1.2), i => CounterRandom.Of("p", i));
        Tensor scores = TeacherForcing.LogProbs(nano.Model.Network, prompts, features, [.. sequences.Select(sequence => sequence.Tokens)], temperature: temperature == 0 ? 1 : temperature);
        for (int r = 0; r < sequences.Count; r++)
            for (int t = 0; t < sequences[r].Tokens.Length; t++)
                Assert.InRange(Math.Abs(scores[r, t].item<float>() - sequences[r].LogProbs[t]), 0, 1e-4);
    }

    [Fact]
    public void A_sequence_alone_and_among_sixteen_has_the_same_tokens_under_every_setting()
    {
        foreach (SamplingSettings settings in new SamplingSettings[] { new(8, 1.3), new(8, 1, topK: 7), new(8, 1.5, topP: 0.8), new(8, 1, topK: 30, topP: 0.9, repetitionPenalty: 1.3), new(8, 0, repetitionPenalty: 1.5) })
        {
            TextGenerator generator = nano.Model.Generator();
            IReadOnlyList<GeneratedSequence> together = generator.Generate([.. Enumerable.Range(0, 4).Select(nano.Prompt)], nano.Features(0, 1, 2, 3), 4, settings, i => CounterRandom.Of("s", i));
            for (int i = 0; i < 16; i++)
            {
                var shown = new List<int>();
                int[] alone = generator.Generate([nano.Prompt(i / 4)], nano.Features(i / 4), 1, settings, _ => CounterRandom.Of("s", i), onToken: (_, token) => shown.Add(token)).Single().Tokens;
                Assert.Equal(together[i].Tokens, alone);
                Assert.Equal(alone, shown);
            }
        }
    }

    [Fact]
    public void A_stop_text_ends_a_sequence_with_the_token_that_completes_it()
    {
        TextGenerator generator = nano.Model.Generator();
        GeneratedSequence free = generator.Generate([nano.Prompt(0)], nano.Features(0), 1, new(24, 2), i => CounterRandom.Of("stop", i)).Single();
        string text = nano.Model.Processor.Tokenizer.Decode(free.Tokens, skipSpecial: true), stop = text.Substring(text.Length / 2, 2);
        GeneratedSequence stopped = generator.Generate([nano.Prompt(0)], nano.Features(0), 1, new(24, 2, stop: ["never said", stop]), i => CounterRandom.Of("stop", i)).Single();
        string cut = nano.Model.Processor.Tokenizer.Decode(stopped.Tokens, skipSpecial: true);
        Assert.Equal((stop, true), (stopped.Stop, stopped.Finished));
        Assert.Equal(free.Tokens[..stopped.Tokens.Length], stopped.Tokens);
        Assert.Contains(stop, cut);
        Assert.DoesNotContain(stop, nano.Model.Processor.Tokenizer.Decode(stopped.Tokens[..^1], skipSpecial: true));
        Assert.Throws<RomaException>(() => new TextGenerator(nano.Model.Network, [], []).Generate([nano.Prompt(1)], null, 1, new(4, stop: ["a"])));
    }

    [Fact]
    public void A_prompt_that_does_not_fit_is_refused_by_its_name_before_anything_is_computed()
    {
        TokenPrompt prompt = nano.Prompt(0) with { Name = "sample-17" };
        string message = Assert.Throws<RomaException>(() => nano.Model.Generator().Generate([nano.Prompt(1), prompt], null, 1, new(4075))).Message;
        Assert.Contains("sample-17", message);
        Assert.Contains("16 of them for pictures", message);
        Assert.Equal(message, Assert.Throws<RomaException>(() => nano.Model.Generator().Refuse([nano.Prompt(1), prompt], new(4075))).Message);
        Assert.Contains("sample-17", Assert.Throws<RomaException>(() => TeacherForcing.LogProbs(nano.Model.Network, [prompt], null, [new int[4090]])).Message);
    }

    [Fact]
    public void Truncation_keeps_the_most_likely_tokens_and_no_more()
    {
        CounterRandom random = CounterRandom.Of("truncation");
        for (int round = 0; round < 200; round++)
        {
            float[] logits = [.. Enumerable.Range(0, 37).Select(_ => (float)random.Uniform(-4, 4))];
            (int k, double p, double temperature) = (random.Integer(1, 37), random.Uniform(0.05, 1), random.Uniform(0.3, 2));
            float[] cut = [.. logits];
            Sampler.Truncate(cut, new(1, temperature, k, p));
            int[] order = [.. Enumerable.Range(0, logits.Length).OrderByDescending(i => logits[i]).Take(k)];
            double[] weights = [.. order.Select(i => Math.Exp(logits[i] / temperature))];
            double sum = 0;
            int kept = 0;
            while (kept < k && sum < p * weights.Sum() * (1 - 1e-12))
                sum += weights[kept++];
            Assert.Equal(order[..kept].Order(), Enumerable.Range(0, cut.Length).Where(i => !float.IsNegativeInfinity(cut[i])));
        }
    }

    [Fact]
    public void The_penalty_makes_what_occurred_less_likely()
    {
        float[] logits = [2, -1, 3, 0];
        Sampler.Penalize(logits, [0, 1, 0], 2);
        Assert.Equal([1, -2, 3, 0], logits);
    }

    [Theory]
    [InlineData(0, 1, 1, -1.0)]
    [InlineData(-1, 1, 1, 1.0)]
    [InlineData(0, 0, 1, 1.0)]
    [InlineData(0, 1.5, 1, 1.0)]
    [InlineData(0, 1, 0, 1.0)]
    [InlineData(0, double.NaN, 1, 1.0)]
    public void Settings_out_of_range_are_refused(int k, double p, double penalty, double temperature) => Assert.Throws<RomaException>(() => new SamplingSettings(1, temperature, k, p, penalty));

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(3)]
    public void Draws_follow_the_tempered_distribution(double temperature)
    {
        const int Draws = 40_000;
        float[] logits = [0, 1, -2, float.NegativeInfinity, 2.5f, 0.3f];
        double[] weights = [.. logits.Select(logit => Math.Exp(logit / temperature))];
        int[] counts = new int[logits.Length];
        CounterRandom random = CounterRandom.Of("sampler");
        for (int i = 0; i < Draws; i++)
            counts[Sampler.Draw(logits, temperature, random)]++;
        for (int i = 0; i < logits.Length; i++)
        {
            double p = weights[i] / weights.Sum();
            Assert.InRange(counts[i], Draws * p - 4 * Math.Sqrt(Draws * p * (1 - p)), Draws * p + 4 * Math.Sqrt(Draws * p * (1 - p)));
        }
        Assert.Equal(4, Sampler.Draw(logits, 0, random));
    }

    [Fact]
    public void Generation_stops_when_it_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => nano.Model.Generator().Generate([nano.Prompt(1)], null, 1, new(5), cancellation: cancellation.Token));
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        Generate();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Generate();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using Tensor one = ones(1);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount); // it does count

        void Generate()
        {
            using DisposeScope scope = NewDisposeScope();
            nano.Model.Generator().Generate([nano.Prompt(0), nano.Prompt(2)], nano.Features(0, 2), 2, new(4), i => CounterRandom.Of(i));
        }
    }
}
