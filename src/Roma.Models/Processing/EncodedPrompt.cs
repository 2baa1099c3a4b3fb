namespace Roma.Models.Processing;

/// <summary>A prompt as the model takes it.</summary>
/// <param name="InputIds">Token ids, the image token repeated once per merged patch.</param>
/// <param name="Patches">All pictures' patches, one after the other; patches x <see cref="ImageProcessor.PatchLength"/>; empty without pictures.</param>
/// <param name="Grids">One grid a picture.</param>
public sealed record EncodedPrompt(int[] InputIds, float[] Patches, IReadOnlyList<Grid> Grids);
