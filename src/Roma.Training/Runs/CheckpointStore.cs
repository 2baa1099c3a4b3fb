using System.Text.Json;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Training.Optimization;

namespace Roma.Training.Runs;

/// <summary>
/// A run's checkpoints, <c>checkpoints/step-000100</c>: a model folder that any program can load, with the optimiser's state and the run's beside the weights. One is
/// written whole under a temporary name and renamed. Folders named <c>.tmp</c> are what a killed process left, and swept away.
/// </summary>
/// <param name="directory">The run's folder of checkpoints.</param>
/// <param name="keep">How many are kept.</param>
public sealed class CheckpointStore(string directory, int keep)
{
    private const string Temporary = ".tmp", OptimizerFile = "optimizer.safetensors", AverageFolder = "average", AverageFile = "average.safetensors", BestFolder = "best", StateFile = "training_state.json";

    private static readonly JsonSerializerOptions Strict = new() { RespectRequiredConstructorParameters = true };

    private bool? _isTrusted;

    /// <summary>The newest whole checkpoint, or null.</summary>
    public string? Latest => Checkpoints().LastOrDefault();

    /// <summary>The newest checkpoint that can be trusted, or null: the newest where that was told or where it is the only one that stood there, else the one before.</summary>
    public string? Trusted => Checkpoints().SkipLast((_isTrusted ?? Checkpoints().Count() == 1) ? 0 : 1).LastOrDefault();

    /// <summary>The model folder that a name stands for: a run's folder stands for its newest checkpoint, any other for itself.</summary>
    /// <param name="folder">A model folder or a run's.</param>
    public static string ModelOf(string folder) => new CheckpointStore(Path.Combine(folder, "checkpoints"), 1).Latest ?? folder;

    /// <summary>The checkpoint of a step, whether it exists or not.</summary>
    /// <param name="step">Optimiser steps done.</param>
    public string PathOf(int step) => Path.Combine(directory, $"step-{step:000000}");

    /// <summary>Writes a checkpoint; older ones stay until <see cref="Trust"/>.</summary>
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
            Sweep();
            policy.Save(temporary);
            AtomicFile.WriteText(Path.Combine(temporary, StateFile), JsonSerializer.Serialize(state));
            Flush(temporary);
            if (Directory.Exists(target))
                Remove(target);
            Directory.Move(temporary, target);
        });
    }

    /// <summary>Tells that the newest checkpoint is sound, for example because a step went well after it: older ones than are kept go.</summary>
    /// <exception cref="RomaException">The folder is not writable.</exception>
    public void Trust()
    {
        if (_isTrusted == true)
            return;
        foreach (string old in Checkpoints().SkipLast(keep).ToArray())
            AtomicFile.Guard(old, () => Remove(old));
        _isTrusted = true;
    }

    /// <summary>Reads of a checkpoint; where that fails, what helps is to go on from another one.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <param name="read">Reads.</param>
    /// <exception cref="RomaException">A file is missing or damaged.</exception>
    public static T Read<T>(string checkpoint, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (RomaException e)
        {
            throw new RomaException(e.Message, $"Delete {checkpoint}: the run goes on from the checkpoint before, or starts anew where there is none.", e);
        }
    }

    /// <summary>The averaged model within a checkpoint of a run that averages.</summary>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    public static string AverageOf(string checkpoint) => Path.Combine(checkpoint, AverageFolder);

    private void Save(string target, string temporary, Policy policy, AdamW optimizer, TrainingState state, WeightAverage? average)
    {
        Sweep();
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
        Flush(temporary);
        if (Directory.Exists(target))
            Remove(target); // damaged: the run was resumed from an older one
        Directory.Move(temporary, target);
        _isTrusted = false;
    }

    /// <summary>Restores the optimiser and the average from a checkpoint whose model was loaded already.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <param name="optimizer">Gets its state.</param>
    /// <param name="average">Gets its state; null: there is none.</param>
    /// <exception cref="RomaException">A file is missing, damaged or of another run.</exception>
    public static void Load(string checkpoint, AdamW optimizer, WeightAverage? average = null)
    {
        using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
        Into(OptimizerFile, optimizer.Load);
        if (average is not null)
            Into(AverageFile, average.Load);

        void Into(string name, Action<Dictionary<string, TorchSharp.torch.Tensor>> load) => Read<object?>(checkpoint, () =>
        {
            using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(checkpoint, name));
            load(file.Tensors.Keys.ToDictionary(key => key, file.Read));
            return null;
        });
    }

    /// <summary>Where the run stood when a checkpoint was written.</summary>
    /// <param name="checkpoint">Its folder.</param>
    /// <exception cref="RomaException">The file is missing or damaged.</exception>
    public static TrainingState ReadState(string checkpoint)
    {
        string path = Path.Combine(checkpoint, StateFile);
        return Read(checkpoint, () =>
        {
            try
            {
                return JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(path), Strict) ?? throw new JsonException("it is empty.");
            }
            catch (Exception e) when (e is IOException or JsonException)
            {
                throw new RomaException($"{path} cannot be read: {e.Message}", null, e);
            }
        });
    }

    /// <summary>Has the system put every file on the disk: the older ones are removed soon.</summary>
    private static void Flush(string folder)
    {
        foreach (string path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            using FileStream file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
            file.Flush(flushToDisk: true);
        }
    }

    private void Sweep()
    {
        if (Directory.Exists(directory))
            foreach (string left in Directory.GetDirectories(directory, "*" + Temporary))
                Directory.Delete(left, recursive: true);
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
