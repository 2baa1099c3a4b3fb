using System.Diagnostics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Processing;
using Roma.Training.Advantages;
using Roma.Training.Data;
using Roma.Training.Methods;
using Roma.Training.Optimization;
using Roma.Training.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Benchmarks;

/// <summary>
/// Times one training step on synthetic input whose shape is fixed, so that figures of different machines and versions can be compared: 96 prompts of 42 tokens, 16 of them a 64x64
/// picture's, 8 responses of 24 tokens each, the nano model. Seconds are multiplied with the GFLOPS of a 2048^3 fp32 matrix product measured in the same run.
/// </summary>
public sealed class StepBenchmark : IDisposable
{
    private const int Prompts = 96, Group = 8, PromptTokens = 42, PictureTokens = 16, ResponseTokens = 24, Side = 64, MatrixSide = 2048;
    private readonly VisionLanguageModel _model;
    private readonly TextGenerator _generator;
    private readonly TokenPrompt[] _prompts;
    private readonly StepQuestion[] _questions;
    private readonly AdamW _optimizer;
    private readonly Device _device;
    private int _step;

    /// <summary>Prepares model and input.</summary>
    /// <param name="modelFolder">A nano model folder.</param>
    /// <param name="device">Where to compute; null: the CPU.</param>
    public StepBenchmark(string modelFolder, Device? device = null)
    {
        _device = device ?? CPU;
        _model = VisionLanguageModel.Load(modelFolder, _device);
        _generator = new(_model.Network, [], _model.SuppressedTokens.Concat(_model.EndTokens));
        _optimizer = new(_model.Network.named_parameters().Select(p => (p.name, p.parameter)), new());
        var random = new CounterRandom(1);
        Grid grid = _model.Processor.Images.GridOf(Side, Side);
        _prompts = new TokenPrompt[Prompts];
        _questions = new StepQuestion[Prompts];
        for (int p = 0; p < Prompts; p++)
        {
            int[] ids = [.. Enumerable.Range(0, PromptTokens).Select(t => t is >= 5 and < 5 + PictureTokens ? _model.Config.ImageTokenId : random.Integer(0, 256))];
            int[] positions = _model.Processor.Positions(ids, [grid]).Positions;
            _prompts[p] = new(ids, [.. Enumerable.Range(0, PromptTokens).Select(t => (positions[t], positions[PromptTokens + t], positions[2 * PromptTokens + t]))]);
            _questions[p] = new(new Sample($"{p}", [Picture()], "", ""), "", [new View("gaussian_noise", 3, 0)], [[Picture()]]);
        }

        RgbImage Picture()
        {
            var image = new RgbImage(Side, Side);
            for (int i = 0; i < image.Pixels.Length; i++)
                image.Pixels[i] = (byte)random.Integer(0, 256);
            return image;
        }
    }

    /// <summary>Number of parameters.</summary>
    public long Parameters => _model.Network.parameters().Sum(parameter => parameter.numel());

    /// <summary>fp32 GFLOPS of the best of five 2048^3 matrix products.</summary>
    /// <param name="device">Where; null: the CPU.</param>
    public static double Gflops(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor a = randn(MatrixSide, MatrixSide, device: device), b = randn(MatrixSide, MatrixSide, device: device);
        Wait(a.device);
        double best = Enumerable.Range(0, 5).Min(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            using Tensor product = a.mm(b);
            Wait(a.device);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        });
        return 2 * Math.Pow(MatrixSide, 3) / best / 1e9;
    }

    /// <summary>Runs one step of a method.</summary>
    /// <param name="method">The method: <c>grpo</c>, or <c>roma</c> with some views.</param>
    /// <param name="share">The share of prompts that get views.</param>
    /// <returns>Seconds by stage.</returns>
    public IReadOnlyDictionary<string, double> Step(IMethod method, double share = 1)
    {
        var timers = new Runs.StageTimers();
        using DisposeScope scope = NewDisposeScope();
        int step = _step++;
        StepQuestion[] questions = [.. _questions.Select((question, p) => (int)((p + 1) * share) > (int)(p * share) ? question with
        {
            Views = [.. Enumerable.Repeat(question.Views[0], method.Views)],
            Pictures = [.. Enumerable.Repeat(question.Pictures[0], method.Views)],
        } : question with { Views = [], Pictures = [] })];
        PromptBatch batch = PromptBatch.Of(_model, _prompts, [.. questions.Select(question => question.Sample.Images)]);
        batch = Time("encode", () => batch with { Features = batch.Detached(_model.Network) });
        IReadOnlyList<GeneratedSequence> sequences = Time("rollout", () =>
            _generator.Generate(_prompts, batch.Features, Group, new(ResponseTokens), i => CounterRandom.Of(step, i)));
        int[][] tokens = [.. sequences.Select(sequence => sequence.Tokens)];
        int[] owners = [.. Enumerable.Range(0, tokens.Length).Select(i => i / Group)];
        double[] reward = [.. owners.Select((_, i) => (double)(CounterRandom.Key(step, i) % 2))];
        var mask = new bool[tokens.Length, ResponseTokens];
        for (int i = 0; i < tokens.Length; i++)
            for (int t = 0; t < ResponseTokens; t++)
                mask[i, t] = true;
        var trajectories = new Trajectories(owners, reward, reward, [.. reward.Select(_ => true)], mask);
        trajectories = trajectories with { Advantage = new GrpoAdvantage().Compute(trajectories) };
        new StepGradient(_model, _optimizer, method.Objective, temperature: 1, seed: 0).Add(new(step, batch, questions, tokens, owners, trajectories), [(0, Prompts)], beta: null, timers);
        Time("optimizer", () =>
        {
            _optimizer.ClipGradNorm(1);
            _optimizer.Step(1e-6);
            _optimizer.ZeroGrad();
            return 0;
        });
        return timers.Seconds;

        T Time<T>(string stage, Func<T> work) => timers.Time(stage, () =>
        {
            T made = work();
            Wait(_device);
            return made;
        });
    }

    private static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
    }
}
