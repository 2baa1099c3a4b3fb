using System.Text;
using Roma.Cli;

Console.OutputEncoding = Encoding.UTF8;
using var terminal = Terminal.OfConsole();
return Application.Run(args, terminal);
