using System.Text.Json;
using Roma.Core;
using Roma.Training.Rollouts;

namespace Roma.Training.Runs;

/// <summary>Some rollouts of a step to look at: <c>samples/step-000100/samples.jsonl</c> and the pictures beside it. Nothing reads them.</summary>
public static class RolloutSamples
{
    private const int Most = 4;

    /// <summary>Writes the samples of a step; those of the same step of a killed run are replaced.</summary>
    /// <param name="folder">The run's folder of samples.</param>
    /// <param name="step">The collected step.</param>
    public static void Write(string folder, CollectedStep step)
    {
        string target = Path.Combine(folder, $"step-{step.Batch.Step + 1:000000}");
        AtomicFile.Guard(target, () => Directory.CreateDirectory(target));
        var lines = new List<string>();
        for (int p = 0; p < Math.Min(Most, step.Batch.Questions.Count); p++)
        {
            Data.StepQuestion question = step.Batch.Questions[p];
            string[] pictures = [.. question.Sample.Images.Select((_, i) => $"{p}-{i}.png"), .. question.Pictures.SelectMany((images, k) => images.Select((_, i) => $"{p}-{i}-view-{k}.png"))];
            foreach ((string name, RgbImage image) in pictures.Zip(question.Sample.Images.Concat(question.Pictures.SelectMany(images => images))))
                AtomicFile.WriteBytes(Path.Combine(target, name), ImageCodec.EncodePng(image));
            lines.Add(JsonSerializer.Serialize(new
            {
                id = question.Sample.Id, question = question.Sample.Question, answer = question.Sample.Answer, pictures, views = question.Views.Select(view => $"{view.Corruption}:{view.Severity}"),
                responses = Enumerable.Range(0, step.Rollouts.Owners.Length).Where(i => step.Rollouts.Owners[i] == p).Select(i => new
                {
                    text = step.Rollouts.Texts[i], reward = step.Rollouts.Trajectories.Scorable[i] ? step.Rollouts.Trajectories.Reward[i] : (double?)null,
                    advantage = step.Rollouts.Trajectories.Advantage?[i, 0], finished = step.Rollouts.Finished[i],
                }),
            }));
        }
        AtomicFile.WriteText(Path.Combine(target, "samples.jsonl"), string.Concat(lines.Select(line => line + "\n")));
    }
}
