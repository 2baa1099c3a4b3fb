using System.Text.Json;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Training.Optimization;

namespace Roma.Training.Runs;

/// <summary>
/// A run's checkpoints, <c>checkpoints/step-000100</c>: a model folder that any program can load, with the optimiser's state and the run's beside the weights. One is
/// written whole under a temporary name and renamed; older ones go after. Folders named <c>.tmp</c> are what a killed process left, and swept away.
/// </summary>
/// <param name="directory">The run's folder of checkpoints.</param>
/// <param name="keep">How many are kept.</param>
public sealed class CheckpointStore(string directory, int keep)
{
    private const string Temporary = ".tmp", OptimizerFile = "optimizer.safetensors", AverageFolder = "average", AverageFile = "average.safetensors", BestFolder = "best", StateFile = "training_state.json";

    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true };

    /// <summary>The newest whole checkpoint, or null.</summary>
    public string? Latest => Checkpoints().LastOrDefault();

    /// <summary>The model folder that a name stands for: a run's folder stands for its newest checkpoint, any other for itself.</summary>
    /// <param name="folder">A model folder or a run's.</param>
    public static string ModelOf(string folder) => new CheckpointStore(Path.Combine(folder, "checkpoints"), 1).Latest ?? folder;

    /// <summary>The checkpoint of a step, whether it exists or not.</summary>
    /// <param name="step">Optimiser steps done.</param>
    public string PathOf(int step) => Path.Combine(directory, $"step-{step:000000}");

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="optimizer">Its optimiser.</param>
    /// <param name="state">Where the run stands.</param>
    /// <param name="average">The average of the weights, saved as a model in <c>average</c> within the checkpoint; null: none.</param>
    /// <returns>Its folder.</returns>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public string Save(Policy policy, AdamW optimizer, TrainingState state, WeightAverage? average = null)
    {
        string target = PathOf(state.Step);
        AtomicFile.Guard(target, () => Save(target, target + Temporary, policy, optimizer, state, average));
        return target;
    }

    /// <summary>Writes where the run stands into the checkpoint of its step, whose weights are the same.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public void SaveState(TrainingState state) => AtomicFile.WriteText(Path.Combine(PathOf(state.Step), StateFile), JsonSerializer.Serialize(state));

    /// <summary>Writes the model alone as the best one so far, in the place of the one before.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="state">Where the run stands.</param>
    /// <exception cref="RomaException">The disk is full or the folder is not writable.</exception>
    public void SaveBest(Policy policy, TrainingState state)
    {
        string target = Path.Combine(directory, BestFolder), temporary = target + Temporary;
        AtomicFile.Guard(target, () =>
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            policy.Save(temporary);
            AtomicFile.WriteText(Path.Combine(temporary, StateFile), JsonSerializer.Serialize(state));
            if (Directory.Exists(target))
                Directory.Delete(target, recursive: true);
            Directory.Move(temporary, target);
        });
    }

    /// <summary>The averaged model within a checkpoint of a run that averages.</summary>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    public static string AverageOf(string checkpoint) => Path.Combine(checkpoint, AverageFolder);

    private void Save(string target, string temporary, Policy policy, AdamW optimizer, TrainingState state, WeightAverage? average)
    {
        if (Directory.Exists(directory))
            foreach (string left in Directory.GetDirectories(directory, "step-*" + Temporary))
                Directory.Delete(left, recursive: true);
        policy.Save(temporary);
        Dictionary<string, TorchSharp.torch.Tensor> tensors = optimizer.State();
        SafetensorsFile.Write(Path.Combine(temporary, OptimizerFile), tensors);
        tensors["step"].Dispose();
        if (average is not null)
        {
            average.Save(policy.Save, AverageOf(temporary));
            SafetensorsFile.Write(Path.Combine(temporary, AverageFile), average.State());
        }
        AtomicFile.WriteText(Path.Combine(temporary, StateFile), JsonSerializer.Serialize(state));
        if (Directory.Exists(target))
            Remove(target); // damaged: the run was resumed from an older one
        Directory.Move(temporary, target);
        foreach (string old in Checkpoints().SkipLast(keep))
            Remove(old);
    }

    /// <summary>Restores optimiser and run from a checkpoint whose model was loaded already.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <param name="optimizer">Gets its state.</param>
    /// <param name="average">Gets its state; null: there is none.</param>
    /// <exception cref="RomaException">A file is missing or damaged.</exception>
    public static TrainingState Load(string checkpoint, AdamW optimizer, WeightAverage? average = null)
    {
        using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(checkpoint, OptimizerFile));
        optimizer.Load(file.Tensors.Keys.ToDictionary(name => name, file.Read));
        if (average is not null)
        {
            using SafetensorsFile averages = SafetensorsFile.Open(Path.Combine(checkpoint, AverageFile));
            average.Load(averages.Tensors.Keys.ToDictionary(name => name, averages.Read));
        }
        return ReadState(checkpoint);
    }

    /// <summary>Where the run stood when a checkpoint was written.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <exception cref="RomaException">The file is missing or damaged.</exception>
    public static TrainingState ReadState(string checkpoint)
    {
        string path = Path.Combine(checkpoint, StateFile);
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(path), Strict) ?? throw new JsonException("it is empty.");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new RomaException($"{path} cannot be read: {e.Message}", "Delete this checkpoint's folder: the run goes on from the one before.", e);
        }
    }

    /// <summary>Under another name first: half of a folder never passes for a checkpoint.</summary>
    private static void Remove(string checkpoint)
    {
        string removed = checkpoint + ".old" + Temporary;
        Directory.Move(checkpoint, removed);
        Directory.Delete(removed, recursive: true);
    }

    private IEnumerable<string> Checkpoints() => Directory.Exists(directory)
        ? Directory.GetDirectories(directory, "step-*").Where(path => !path.EndsWith(Temporary, StringComparison.Ordinal) && File.Exists(Path.Combine(path, StateFile)))
            .OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal) // step-1000000 comes after step-999999
        : [];
}
