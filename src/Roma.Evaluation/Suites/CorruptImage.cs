using Roma.Core;

namespace Roma.Evaluation.Suites;

/// <summary>Applies a corruption: a pure function of its arguments, safe on many threads.</summary>
/// <param name="image">The clean picture.</param>
/// <param name="cell">Which corruption at which severity; never clean.</param>
/// <param name="seed">The seed of the evaluation.</param>
/// <param name="sampleId">The sample the picture belongs to.</param>
/// <param name="imageIndex">Which of its pictures, from 0.</param>
public delegate RgbImage CorruptImage(RgbImage image, Cell cell, ulong seed, string sampleId, int imageIndex);
