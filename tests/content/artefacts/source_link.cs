// Writes Shop.dll with Shop.pdb, Embedded.dll that holds its PDB, and Plain.pdb without Source Link.
using Mono.Cecil;
using Mono.Cecil.Cil;

class SourceLink
{
    static void Main(string[] arguments)
    {
        var url = "https://raw.githubusercontent.com/acme/shop/" + arguments[0] + "/*";
        var link = "{\"documents\":{\"/src/shop/*\":\"" + url + "\"}}";
        Save("Shop.dll", link, new PortablePdbWriterProvider());
        Save("Embedded.dll", link, new EmbeddedPortablePdbWriterProvider());
        Save("Plain.dll", null, new PortablePdbWriterProvider());
    }

    static void Save(string name, string link, ISymbolWriterProvider symbols)
    {
        var parameters = new ModuleParameters { Kind = ModuleKind.Dll };
        var module = ModuleDefinition.CreateModule(name, parameters);
        if (link != null)
            module.CustomDebugInformations.Add(new SourceLinkDebugInformation(link));
        module.Write(name, new WriterParameters { WriteSymbols = true, SymbolWriterProvider = symbols });
    }
}
