use cso_clinical::*;
use cso_model_files::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    // try MODEL TRAIN TEST OUT
    let bytes = std::fs::read(&args[1]).unwrap();
    let train = Cases::from_csv(std::fs::read(&args[2]).unwrap()).unwrap();
    let test = Cases::from_csv(std::fs::read(&args[3]).unwrap()).unwrap();
    let t = std::time::Instant::now();
    let file = match read_with(&bytes, &Options::default()) { Ok(f) => f, Err(e) => { eprintln!("READ {e}"); std::process::exit(3) } };
    let draft = match draft_with(&file, "p", &train, &Binning::default()) { Ok(d) => d, Err(e) => { eprintln!("DRAFT {e}"); std::process::exit(4) } };
    let t1 = t.elapsed();
    let toml = draft.to_toml().unwrap_or_else(|e| { eprintln!("TOML {e}"); String::new() });
    std::fs::write(format!("{}.toml", args[4]), &toml).unwrap();
    let compiled = match compile(&draft.protocol) { Ok(d) => d, Err(e) => { eprintln!("COMPILE {e}"); std::process::exit(5) } };
    let t2 = t.elapsed();
    let json = draft.protocol.description().to_json().len();
    println!("bits {} products {} deviation {:?} toml {} desc {} draft {:?} compile {:?} serve {:?}", compiled.summary.bits, compiled.program.cmuxes(), compiled.summary.outputs.iter().map(|o| (o.bits, o.deviation)).collect::<Vec<_>>(), toml.len(), json, t1, t2 - t1, compiled.can_serve(cso_fhe::Profile::Private).map(|b| b.privacy_margin_log2).map_err(|e| e.to_string()));
    for f in draft.protocol.intake().features() { if let intake::Kind::Quantity(q) = &f.kind { println!("  {} {}..{} step {} edges {} miss {} local {}", f.id, q.min, q.max, q.step, q.edges.len(), f.missing, f.local) } else { println!("  {} {:?} miss {}", f.id, f.kind.name(), f.missing) } }
    for (n, d) in [("train", &train), ("test", &test)] {
        match measure(&file, &draft.protocol, &compiled, d) { Ok(m) => println!("{n} {m:?}"), Err(e) => println!("{n} MEASURE {e}") }
    }
}
