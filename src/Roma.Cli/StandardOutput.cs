using System.Text;
using Roma.Core;

namespace Roma.Cli;

/// <summary>The process's output, whose faults, such as a full disk behind it, are the user's to mend.</summary>
internal sealed class StandardOutput(TextWriter writer) : TextWriter
{
    private const string Name = "The standard output";

    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => AtomicFile.Guard(Name, () => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => AtomicFile.Guard(Name, () => writer.Write(buffer, index, count));

    public override void Flush() => AtomicFile.Guard(Name, writer.Flush);
}
