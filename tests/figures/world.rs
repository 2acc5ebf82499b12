//! The invented world: who mines, separates, makes and uses how much.

/// Id, name, host, stage, start, due, delay, chance.
pub type Project = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    i32,
    i32,
    i32,
    f64,
);

/// Code and name.
#[rustfmt::skip]
pub const STATES: [(&str, &str); 20] = [
    ("CN", "China"),
    ("US", "United States"),
    ("EU", "European Union"),
    ("JP", "Japan"),
    ("KR", "South Korea"),
    ("AU", "Australia"),
    ("CA", "Canada"),
    ("GB", "United Kingdom"),
    ("IN", "India"),
    ("RU", "Russia"),
    ("BR", "Brazil"),
    ("MY", "Malaysia"),
    ("MM", "Myanmar"),
    ("VN", "Vietnam"),
    ("TH", "Thailand"),
    ("ID", "Indonesia"),
    ("PH", "Philippines"),
    ("LA", "Laos"),
    ("KZ", "Kazakhstan"),
    ("ROW", "Rest of world"),
];

/// Id, name, form, group, price in USD/kg, world use in t a quarter.
#[rustfmt::skip]
pub const COMMODITIES: [(&str, &str, &str, &str, f64, f64); 24] = [
    ("bayan_obo_conc", "Bayan Obo concentrate", "Concentrate", "", 3.5, 50_000.0),
    ("clay_mm_conc", "Myanmar clay concentrate", "Concentrate", "", 30.0, 9_000.0),
    ("mt_weld_conc", "Mt Weld concentrate", "Concentrate", "", 9.0, 40_000.0),
    ("la_oxide", "Lanthanum oxide", "Oxide", "La-Ce", 0.6, 20_000.0),
    ("ce_oxide", "Cerium oxide", "Oxide", "La-Ce", 1.0, 32_000.0),
    ("ndpr_oxide", "Neodymium and praseodymium oxide", "Oxide", "NdPr", 55.0, 22_000.0),
    ("sm_oxide", "Samarium oxide", "Oxide", "Sm-Eu-Gd", 2.0, 900.0),
    ("eu_oxide", "Europium oxide", "Oxide", "Sm-Eu-Gd", 27.0, 90.0),
    ("gd_oxide", "Gadolinium oxide", "Oxide", "Sm-Eu-Gd", 23.0, 800.0),
    ("dy_oxide", "Dysprosium oxide", "Oxide", "Dy-Tb", 255.0, 600.0),
    ("tb_oxide", "Terbium oxide", "Oxide", "Dy-Tb", 800.0, 130.0),
    ("y_oxide", "Yttrium oxide", "Oxide", "Y", 6.0, 2_500.0),
    ("ndpr_metal", "Neodymium and praseodymium metal", "Metal", "NdPr", 68.0, 21_000.0),
    ("dy_metal", "Dysprosium metal", "Metal", "Dy-Tb", 330.0, 560.0),
    ("tb_metal", "Terbium metal", "Metal", "Dy-Tb", 1_010.0, 120.0),
    ("sm_metal", "Samarium metal", "Metal", "Sm-Eu-Gd", 11.0, 500.0),
    ("ndfeb_std", "NdFeB magnet, standard grade", "Magnet", "NdFeB", 38.0, 42_000.0),
    ("ndfeb_hc", "NdFeB magnet, high coercivity (with Dy or Tb)", "Magnet", "NdFeB", 62.0, 20_000.0),
    ("smco", "SmCo magnet", "Magnet", "SmCo", 95.0, 1_400.0),
    ("magnet_scrap", "Magnet scrap", "Scrap", "", 20.0, 8_000.0),
    ("clay_cn_conc", "Southern Chinese clay concentrate", "Concentrate", "", 25.0, 4_000.0),
    ("clay_br_conc", "Brazilian clay concentrate", "Concentrate", "", 20.0, 1_500.0),
    ("monazite_conc", "Monazite concentrate", "Concentrate", "", 6.0, 6_000.0),
    ("loparite_conc", "Loparite concentrate", "Concentrate", "", 5.0, 700.0),
];

/// Id, name, group, share of magnets, share of oxides.
#[rustfmt::skip]
pub const SECTORS: [(&str, &str, &str, f64, f64); 15] = [
    ("ev_traction", "Electric-vehicle traction", "Mobility", 0.22, 0.0),
    ("wind", "Wind turbines", "Energy", 0.13, 0.0),
    ("industrial_motors", "Industrial motors", "Industry", 0.2, 0.0),
    ("robotics", "Industrial robots", "Industry", 0.03, 0.0),
    ("hvac_appliances", "Air conditioners and appliances", "Buildings", 0.12, 0.0),
    ("electronics", "Consumer electronics and drives", "Electronics", 0.14, 0.0),
    ("defence_aero", "Defence and aerospace", "Defence", 0.02, 0.0),
    ("auto_other", "Small motors and sensors in cars", "Mobility", 0.12, 0.0),
    ("medical", "Medical equipment", "Medical", 0.02, 0.0),
    ("fcc_catalyst", "Refinery (FCC) catalysts", "Catalysts", 0.0, 0.3),
    ("polishing", "Polishing powders", "Glass", 0.0, 0.25),
    ("phosphors", "Phosphors", "Electronics", 0.0, 0.05),
    ("metallurgy", "Metallurgy", "Materials", 0.0, 0.22),
    ("nimh_battery", "NiMH batteries", "Mobility", 0.0, 0.17),
    ("defence_direct", "Defence, direct use of oxides", "Defence", 0.0, 0.01),
];

/// Share of each stage by state at the start and at the end, owner in the third place.
#[rustfmt::skip]
pub const HOSTS: &[(&str, &str, &str, f64, f64)] = &[
    ("mine", "CN", "CN", 0.69, 0.55),
    ("mine", "US", "US", 0.115, 0.14),
    ("mine", "AU", "AU", 0.06, 0.12),
    ("mine", "MM", "CN", 0.08, 0.05),
    ("mine", "TH", "TH", 0.02, 0.02),
    ("mine", "VN", "VN", 0.002, 0.03),
    ("mine", "IN", "IN", 0.007, 0.01),
    ("mine", "RU", "RU", 0.006, 0.006),
    ("mine", "BR", "US", 0.003, 0.05),
    ("mine", "LA", "CN", 0.01, 0.02),
    ("mine", "MY", "MY", 0.003, 0.01),
    ("mine", "ROW", "ROW", 0.003, 0.01),
    ("separation", "CN", "CN", 0.89, 0.66),
    ("separation", "MY", "AU", 0.07, 0.09),
    ("separation", "US", "US", 0.01, 0.11),
    ("separation", "AU", "AU", 0.0, 0.06),
    ("separation", "EU", "CA", 0.01, 0.04),
    ("separation", "VN", "VN", 0.003, 0.01),
    ("separation", "IN", "IN", 0.006, 0.01),
    ("separation", "KZ", "RU", 0.001, 0.01),
    ("separation", "ROW", "ROW", 0.0, 0.01),
    ("metal", "CN", "CN", 0.91, 0.76),
    ("metal", "VN", "CN", 0.03, 0.05),
    ("metal", "TH", "CN", 0.02, 0.02),
    ("metal", "US", "US", 0.0, 0.08),
    ("metal", "EU", "GB", 0.01, 0.04),
    ("metal", "JP", "JP", 0.03, 0.05),
    ("magnet", "CN", "CN", 0.925, 0.78),
    ("magnet", "JP", "JP", 0.05, 0.06),
    ("magnet", "VN", "JP", 0.01, 0.03),
    ("magnet", "PH", "JP", 0.005, 0.01),
    ("magnet", "US", "US", 0.001, 0.06),
    ("magnet", "EU", "EU", 0.007, 0.03),
    ("magnet", "KR", "KR", 0.002, 0.03),
    ("recycling", "CN", "CN", 0.8, 0.6),
    ("recycling", "JP", "JP", 0.15, 0.15),
    ("recycling", "EU", "EU", 0.03, 0.15),
    ("recycling", "US", "US", 0.02, 0.1),
];

/// World output of a stage (thousand t a quarter) and value added per t, USD.
#[rustfmt::skip]
pub const STAGES: [(&str, f64, f64); 5] = [
    ("mine", 97.0, 4_000.0),
    ("separation", 92.0, 6_000.0),
    ("metal", 24.0, 9_000.0),
    ("magnet", 62.0, 16_000.0),
    ("recycling", 6.0, 7_000.0),
];

/// Projects: id, name, host, stage, start, due, delay, chance.
#[rustfmt::skip]
pub const PROJECTS: [Project; 18] = [
    ("kalgoorlie", "Kalgoorlie cracking and leaching plant, second train", "AU", "separation", 0, 4, 2, 1.0),
    ("eneabba", "Eneabba refinery", "AU", "separation", 2, 12, 4, 0.9),
    ("nolans", "Nolans mine and separation", "AU", "separation", 6, 20, 6, 0.5),
    ("mp_heavy", "Mountain Pass heavy separation", "US", "separation", 1, 8, 2, 0.95),
    ("la_rochelle", "La Rochelle heavy separation", "EU", "separation", 0, 6, 3, 0.9),
    ("dong_pao", "Dong Pao mine", "VN", "mine", 8, 24, 12, 0.4),
    ("pela_ema", "Serra Verde phase 2", "BR", "mine", 1, 7, 2, 0.97),
    ("round_top", "Round Top", "US", "mine", 10, 26, 10, 0.3),
    ("yangibana", "Yangibana", "AU", "mine", 2, 11, 5, 0.7),
    ("norra_karr", "Norra Kärr", "EU", "mine", 16, 40, 8, 0.55),
    ("fort_worth", "Independence, Fort Worth", "US", "magnet", 0, 5, 2, 1.0),
    ("tenx", "10X", "US", "magnet", 5, 16, 3, 0.85),
    ("narva", "Narva magnet plant", "EU", "magnet", 0, 6, 2, 0.95),
    ("sumter", "Sumter", "US", "magnet", 0, 7, 1, 0.9),
    ("kuantan_magnets", "Kuantan magnets with JS Link", "MY", "magnet", 4, 14, 4, 0.75),
    ("belfast", "Belfast long-loop recycling", "GB", "recycling", 2, 9, 3, 0.8),
    ("lacq", "Lacq (Caremag) recycling and heavy separation", "EU", "recycling", 1, 10, 2, 0.9),
    ("less_common", "Ellesmere Port metal expansion", "GB", "metal", 1, 8, 2, 0.85),
];
