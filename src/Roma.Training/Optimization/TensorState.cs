using Roma.Core;
using static TorchSharp.torch;

namespace Roma.Training.Optimization;

/// <summary>Tensors by name, as a checkpoint keeps them.</summary>
internal static class TensorState
{
    /// <summary>Refuses a state whose names, shapes or types are others.</summary>
    /// <param name="what">The state, as the message names it.</param>
    /// <param name="own">What it is to be loaded into.</param>
    /// <param name="state">The state.</param>
    /// <exception cref="RomaException">A tensor is missing, unknown or of another shape or type.</exception>
    public static void RequireSame(string what, Dictionary<string, Tensor> own, IReadOnlyDictionary<string, Tensor> state)
    {
        string[] different = [.. own.Keys.Union(state.Keys).Where(name =>
            !own.TryGetValue(name, out Tensor? mine) || !state.TryGetValue(name, out Tensor? theirs) || mine.dtype != theirs.dtype || !mine.shape.SequenceEqual(theirs.shape)).Order()];
        if (different.Length > 0)
            throw new RomaException($"The {what} does not fit the model: {different.Length} of {own.Count} tensors are missing, unknown or of another shape or type, the first is {different[0]}.",
                "Resume with the recipe that the checkpoint was trained with.");
    }
}
