//! The names of the products that tenants have most, by SKU.
//!
//! Graph gives part numbers only. Source: Microsoft's list "Product names and service plan
//! identifiers for licensing". Products come to it and change their names: one that is not
//! here keeps its part number.

use alloc::vec::Vec;

use crate::search;

/// Shorter texts stand in the names of too many products to be of help, in bytes.
const SHORTEST: usize = 2;

/// A product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// The SKU's id, a GUID, as its 16 bytes in the order in which they are written.
    pub sku_id: [u8; 16],
    /// The name.
    pub name: &'static str,
}

/// The name of the product whose SKU has the id `sku_id`, a GUID in any case.
pub fn by_sku_id(sku_id: &str) -> Option<&'static str> {
    let digits = sku_id.chars().filter(|c| *c != '-');
    let number = digits
        .map(|digit| digit.to_digit(16))
        .try_fold(0_u128, |number, digit| Some(number << 4 | u128::from(digit?)))?;
    let bytes = number.to_be_bytes();
    let index = PRODUCTS.binary_search_by(|product| product.sku_id.cmp(&bytes)).ok()?;
    PRODUCTS.get(index).map(|product| product.name)
}

/// The products with the name `name`, in any case.
pub fn named(name: &str) -> Vec<&'static Product> {
    PRODUCTS.iter().filter(|product| product.name.eq_ignore_ascii_case(name)).collect()
}

/// Returns the products that `text` can mean: those with this name, or else
/// those in whose names it stands, the shortest names first.
pub fn meant_by(text: &str) -> Vec<&'static Product> {
    let text = text.trim();
    let exact = named(text);
    if !exact.is_empty() || text.len() < SHORTEST {
        return exact;
    }
    let wanted = text.to_ascii_lowercase();
    let mut found: Vec<&Product> = Vec::new();
    for product in &PRODUCTS {
        if search::holds(product.name.to_ascii_lowercase().as_bytes(), &wanted) {
            let longer = |other: &&Product| other.name.len() <= product.name.len();
            found.insert(found.partition_point(longer), product);
        }
    }
    found
}

const fn product(sku_id: u128, name: &'static str) -> Product {
    Product { sku_id: sku_id.to_be_bytes(), name }
}

/// The products, sorted by SKU id.
#[rustfmt::skip]
pub const PRODUCTS: [Product; 145] = [
    product(0x05e9a617_0261_4cee_bb44_138d3ef5d965, "Microsoft 365 E3"),
    product(0x061f9ace_7d42_4136_88ac_31dc755f143f, "Intune"),
    product(0x06ebc4ee_1bb5_47dd_8120_11324bc54e06, "Microsoft 365 E5"),
    product(0x078d2b04_f1bd_4111_bbd4_b4b1b354cef4, "Microsoft Entra ID P1"),
    product(0x09015f9f_377f_4538_bbb5_f75ceb09358a, "Project Online Premium"),
    product(0x0c21030a_7e60_4ec7_9a0f_0042e0e0211a, "Microsoft 365 E3 (500 seats min)_HUB"),
    product(0x0c266dff_15dd_4b49_8397_2bb16070ed52, "Microsoft 365 Audio Conferencing"),
    product(0x0dab259f_bf13_4952_b7f8_7db8f131b28d, "Skype for Business PSTN Domestic Calling"),
    product(0x111046dd_295b_4d6d_9724_d52ac90bd1f2, "Microsoft Defender for Endpoint"),
    product(0x11dee6af_eca8_419f_8061_6864517c1875, "Microsoft 365 Domestic Calling Plan (120 min)"),
    product(0x12b8c807_2e20_48fc_b453_542b6ee9d171, "Microsoft 365 Apps for Faculty"),
    product(0x16a55f2f_ff35_4cd5_9146_fb784e3761a5, "Microsoft Defender for Endpoint P1"),
    product(0x18181a46_0d4e_45cd_891e_60aabd171b4e, "Office 365 E1"),
    product(0x184efa21_98c3_4e5d_95ab_d07053a96e67, "Microsoft 365 E5 Compliance"),
    product(0x18a4bd3f_0b5b_4887_b04f_61dd0ee15f5e, "Microsoft 365 E5 (no Teams)"),
    product(0x19ec0d23_8335_4cbd_94ac_6050e30712fa, "Exchange Online (Plan 2)"),
    product(0x1b1b1f7a_8355_43b6_829f_336cfccb744c, "Office 365 Advanced Compliance"),
    product(0x1e1a282c_9c54_43a2_9310_98ef728faace, "Dynamics 365 for Sales Enterprise Edition"),
    product(0x1f2f344a_700d_42c9_9427_5cea1d5d7ba6, "Microsoft Stream"),
    product(0x1fc08a02_8b3d_43b9_831e_f76859e04e1a, "SharePoint Online (Plan 1)"),
    product(0x253ce8d3_6122_4240_8b04_f434a8fa831f, "Power Automate Process"),
    product(0x26124093_3d78_432b_b5dc_48bf992543d5, "Microsoft 365 E5 Security"),
    product(0x26d45bd9_adf1_46cd_a9e1_51e9a5524128, "Office 365 E5 Without Audio Conferencing"),
    product(0x2880026b_2b0c_4251_8656_5d41ff11e3aa, "Dynamics 365 Business Central Essentials"),
    product(0x295a8eb0_f78d_45c7_8b5b_1eed5ed02dff, "Microsoft Teams Shared Devices"),
    product(0x2a914830_d700_444a_b73c_e3f31980d833, "Microsoft 365 F3 GCC"),
    product(0x2b317a4a_77a6_4188_9437_b68a77b4e2c6, "Microsoft Intune Device"),
    product(0x2b9c8e7c_319c_43a2_a2a0_48c5c6161de7, "Microsoft Entra ID Basic"),
    product(0x2e3c4023_80f6_4711_aa5d_29e0ecb46835, "Dynamics 365 Business Central Team Members"),
    product(0x314c4481_f395_4525_be8b_2ec4bb1e9d91, "Office 365 A1 for students"),
    product(0x3271cf8e_2be5_4a09_a549_70fd05baaa17, "Microsoft 365 E5 EEA (no Teams)"),
    product(0x32b47245_eb31_44fc_b945_a8b1576c439f, "Microsoft 365 F5 Security + Compliance Add-on"),
    product(0x36a0f3b3_adb5_49ea_bf66_762134cf063a, "Microsoft Teams Premium Introductory Pricing"),
    product(0x3ab6abff_666f_4424_bfb7_f0bc274ec7bc, "Microsoft Teams Essentials (AAD Identity)"),
    product(0x3b555118_da6a_4418_894f_7df1e2096870, "Microsoft 365 Business Basic"),
    product(0x3dd6cf57_d688_4eed_ba52_9e40b5468c3e, "Microsoft Defender for Office 365 (Plan 2)"),
    product(0x3f4babde_90ec_47c6_995d_d223749065d1, "Office 365 G1 GCC"),
    product(0x440eaaa8_b3e0_484b_a8be_62870b9ba70a, "Microsoft Teams Phone Resource Account"),
    product(0x44575883_256e_4a79_9da4_ebe9acabe2b2, "Microsoft 365 F1"),
    product(0x45a2423b_e884_448d_a831_d9e139c52d2f, "Exchange Online Protection"),
    product(0x46c119d4_0379_4a9d_85e4_97c66d3f909e, "Microsoft 365 A5 for Students"),
    product(0x46c3a859_c90d_40b3_9551_6178a48d5c18, "Office 365 E3 (no Teams)"),
    product(0x47794cd0_f0e5_45c5_9033_2eb6b5fc84e0, "Communications Credits"),
    product(0x4a51bf65_409c_4a91_b845_1121b571cc9d, "Power Automate per user plan"),
    product(0x4b244418_9658_4451_a2b8_b5e2b364e9bd, "Visio Plan 1"),
    product(0x4b585984_651b_448a_9e53_3b10f069cf7f, "Office 365 F3"),
    product(0x4b590615_0888_425a_a965_b3bf7789848d, "Microsoft 365 A3 for Faculty"),
    product(0x4b74a65c_8b4a_4fc8_9f6b_5177ed11ddfa, "Microsoft Copilot Studio User License"),
    product(0x4b9405b0_7788_4568_add1_99614e613b69, "Exchange Online (Plan 1)"),
    product(0x4cde982a_ede4_4409_9ae6_b003453c8ea6, "Microsoft Teams Rooms Pro"),
    product(0x4ef96642_f096_40de_a3e9_d83fb2f90211, "Microsoft Defender for Office 365 (Plan 1)"),
    product(0x50f60901_3181_4b75_8a2c_4c8e4c1d5a72, "Microsoft 365 F1"),
    product(0x52cdf00e_8303_4223_a749_ff69a13e2dd0, "Microsoft Entra Workload ID"),
    product(0x535a3a29_c5f0_42fe_8215_d3b9e1f38c4a, "Office 365 G3 GCC"),
    product(0x53818b1b_4a27_454b_8896_0dba576410e6, "Planner and Project Plan 3"),
    product(0x55c9eb4e_c746_45b4_b255_9ab6b19d5c62, "Dynamics 365 Finance"),
    product(0x5b631642_bd26_49fe_bd20_1daaa972ef80, "Microsoft Power Apps for Developer"),
    product(0x5e1e7702_a2b7_4360_8d07_2f515792896f, "Microsoft Defender for Business"),
    product(0x6070a4c8_34c6_4937_8dfb_39bbc6397a60, "Microsoft Teams Rooms Standard"),
    product(0x61902246_d7cb_453e_85cd_53ee28eec138, "Microsoft Viva Suite"),
    product(0x639dec6b_bb19_468b_871c_c5c441c4b0cb, "Microsoft Copilot for Microsoft 365"),
    product(0x6470687e_a428_4b7a_bef2_8a291ad947c9, "Windows Store for Business"),
    product(0x66b55226_6b4f_492c_910c_a3b7a3c9d993, "Microsoft 365 F3"),
    product(0x67ffe999_d9ca_49e1_9d2c_03fb28aa7a48, "Microsoft 365 F5 Security Add-on"),
    product(0x6a0f6da5_0b87_4190_a6ae_9bb5a2b9546a, "Windows 10/11 Enterprise E3"),
    product(0x6af4b3d6_14bb_4a2a_960c_6c902aad34f3, "Microsoft Teams Rooms Basic"),
    product(0x6fd2c87f_b296_42f0_b197_1e91e994b900, "Office 365 E3"),
    product(0x710779e8_3d4a_4c88_adb9_386c958d1fdf, "Microsoft Teams Exploratory"),
    product(0x749742bf_0d37_4158_a120_33567104deeb, "Dynamics 365 for Customer Service Enterprise Edition"),
    product(0x776df282_9fc0_4862_99e2_70e561b9909e, "Project Online Essentials"),
    product(0x7ac9fe77_66b7_4e5e_9e46_10eed1cff547, "Dynamics 365 Team Members"),
    product(0x7cfd9a2b_e110_4c39_bf20_c6a3f36a3121, "Microsoft 365 A3 for Students"),
    product(0x7e31c0d9_9551_471d_836f_32ee72be4a01, "Microsoft Teams Enterprise"),
    product(0x7e74bd05_2c47_404e_829a_ba95c66fe8e5, "Microsoft Teams EEA"),
    product(0x80b2d799_d2ba_4d2a_8842_fb0d0f3a4b82, "Exchange Online Kiosk"),
    product(0x84a661c4_e949_4bd2_a560_ed7766fcaf2b, "Microsoft Entra ID P2"),
    product(0x8900a2c0_edba_4079_bdf3_b276e293b6a8, "Office 365 G5 GCC"),
    product(0x8a180c2b_f4cf_4d44_897c_3d32acc4a60b, "Enterprise Mobility + Security G5 GCC"),
    product(0x90b5e015_709a_4b8b_b08e_3200f994494c, "Exchange Online Archiving for Exchange Server"),
    product(0x91de26be_adfa_4a3d_989e_9131cc23dda7, "Microsoft 365 F5 Compliance Add-on"),
    product(0x94763226_9b3c_4e75_a931_5c89701abe66, "Office 365 A1 for faculty"),
    product(0x98619618_9dc8_48c6_8f0c_741890ba5f93, "Dynamics 365 Project Operations"),
    product(0x98b6e773_24d4_4c0d_a968_6e787a1f8204, "Office 365 A3 for students"),
    product(0x98defdf7_f6c1_44f5_a1f6_943b6764e7a5, "Microsoft Defender for Identity"),
    product(0x99049c9c_6011_4908_bf17_15f496e6519d, "Office 365 Extra File Storage"),
    product(0xa3f586b6_8cce_4d9b_99d6_55238397f77a, "Microsoft 365 Business Premium EEA (no Teams)"),
    product(0xa403ebcc_fae0_4ca2_8c8c_7a907fd6c235, "Microsoft Fabric (Free)"),
    product(0xa4585165_0533_458a_97e3_c400570268c4, "Office 365 A5 for faculty"),
    product(0xa809996b_059e_42e2_9866_db24b99a9782, "Microsoft Copilot for Microsoft 365"),
    product(0xa929cd4d_8672_47c9_8664_159c1f322ba8, "Microsoft Intune Suite"),
    product(0xa9732ec9_17d9_494c_a51c_d6b45b384dcb, "SharePoint Online (Plan 2)"),
    product(0xae2343d1_0999_43f6_ae18_d816516f6e78, "Teams Phone with Calling Plan"),
    product(0xb05e124f_c7cc_45a0_a6aa_8cf78c946968, "Enterprise Mobility + Security E5"),
    product(0xb17653a4_2443_4e8c_a550_18249dda78bb, "Microsoft 365 A1"),
    product(0xb1f3042b_a390_4b56_ab61_b88e7e767a97, "Microsoft 365 Business Basic EEA (no Teams)"),
    product(0xb214fe43_f5a3_4703_beeb_fa97188220fc, "Microsoft 365 Apps for Business"),
    product(0xb30411f5_fea1_4a59_9ad9_3db7c7ead579, "Power Apps Premium"),
    product(0xb3a42176_0a8c_4c3f_ba4e_f2b37fe5be6b, "Power Automate per flow plan"),
    product(0xb4d7b828_e8dc_4518_91f9_e123ae48440d, "Power Apps per app plan (1 app or portal)"),
    product(0xb57282e3_65bd_4252_9502_c0eae1e5ab7f, "Office 365 E1 EEA (no Teams)"),
    product(0xbe9f9771_1c64_4618_9907_244325141096, "Dynamics 365 For Sales Professional"),
    product(0xbeb6439c_caad_48d3_bf46_0c82871e12be, "Planner Plan 1"),
    product(0xc1d032e0_5619_4761_9b5c_75b6831e1711, "Power BI Premium Per User"),
    product(0xc1f79c29_5d7a_4bec_a2c1_1a76774864c0, "Microsoft 365 Business Standard EEA (no Teams)"),
    product(0xc2273bd0_dff7_4215_9ef5_2c7bcfb06425, "Microsoft 365 Apps for Enterprise"),
    product(0xc32f9321_a627_406d_a114_1f9c81aaafac, "Microsoft 365 Apps for Students"),
    product(0xc42b9cae_ea4f_4ab7_9717_81576235ccac, "Microsoft 365 E5 Developer (without Windows and Audio Conferencing)"),
    product(0xc52ea49f_fe5d_4e95_93ba_1de91d380f89, "Azure Information Protection Plan 1"),
    product(0xc5928f49_12ba_48f7_ada3_0d743a3601d5, "Visio Plan 2"),
    product(0xc793db86_5237_494e_9b11_dcd4877c2c8c, "Enterprise Mobility + Security G3 GCC"),
    product(0xc7d15985_e746_4f01_b113_20b575898250, "Dynamics 365 for Field Service Enterprise Edition"),
    product(0xc7df2760_2c81_4ef7_b578_5b5392b571df, "Office 365 E5"),
    product(0xcb10e6cd_9da4_4992_867b_67546b1db821, "Windows 10/11 Enterprise E3"),
    product(0xcbdc14ab_d96c_4c30_b9f4_6ada7cdc1d46, "Microsoft 365 Business Premium"),
    product(0xcd2925a3_5076_4233_8931_638a8c94f773, "Microsoft 365 E5 without Audio Conferencing"),
    product(0xcdd28e44_67e3_425e_be4c_737fab2899d3, "Microsoft 365 Apps for Business"),
    product(0xcf50bae9_29e8_4775_b07c_56ee10e3776d, "Office 365 E5 EEA (no Teams)"),
    product(0xd3b4fe1f_9992_4930_8acb_ca6ec609365e, "Skype for Business PSTN Domestic and International Calling"),
    product(0xd42c793f_6c78_4f43_92ca_e8f6a02b035f, "Skype for Business Online (Plan 2)"),
    product(0xd711d25a_a21c_492f_bd19_aae1e8ebaf30, "Office 365 E3 EEA (no Teams)"),
    product(0xd9d89b70_a645_4c24_b041_8d3cb1884ec7, "Intune for Education"),
    product(0xdab7782a_93b1_4074_8bb1_0e61318bea0b, "Microsoft 365 Business Basic"),
    product(0xdb684ac5_c0e7_4f92_8284_ef9ebde75d33, "Microsoft 365 E5 (500 seats min)_HUB"),
    product(0xdcb1a3ae_b33f_4487_846a_a640262fadf4, "Microsoft Power Apps Plan 2 Trial"),
    product(0xdcf0408c_aaec_446c_afd4_43e3683943ea, "Microsoft 365 E3 (no Teams)"),
    product(0xde5f128b_46d7_4cfc_b915_a89ba060ea56, "Power BI Pro for Faculty"),
    product(0xdf845ce7_05f9_4894_b5f2_11bbfbcfd2b6, "Microsoft Cloud App Security"),
    product(0xe2be619b_b125_455f_8660_fb503e431a5d, "Microsoft 365 GCC G5"),
    product(0xe43b5b99_8dfb_405f_9987_dc307f34bcbd, "Microsoft Teams Phone Standard"),
    product(0xe578b273_6db4_4691_bba0_8d691f4da603, "Office 365 A3 for faculty"),
    product(0xe6778190_713e_4e4f_9119_8b8238de25df, "OneDrive for Business (Plan 1)"),
    product(0xe823ca47_49c4_46b3_b38d_ca11d5abe3d2, "Microsoft 365 G3 GCC"),
    product(0xe97c048c_37a4_45fb_ab50_922fbf07a370, "Microsoft 365 A5 for faculty"),
    product(0xed01faf2_1d88_4947_ae91_45ca18703a96, "OneDrive for Business (Plan 2)"),
    product(0xeda1941c_3c4f_4995_b5eb_e85a42175ab9, "Power Automate Premium"),
    product(0xee02fd1b_340e_4a4b_b355_4a514e4c8943, "Exchange Online Archiving for Exchange Online"),
    product(0xee656612_49fa_43e5_b67e_cb1fdf7699df, "Office 365 A5 for students"),
    product(0xefccb6f7_5641_4e0e_bd10_b4976e1bf68e, "Enterprise Mobility + Security E3"),
    product(0xf245ecc8_75af_4f8e_b61f_27d8114de5f3, "Microsoft 365 Business Standard"),
    product(0xf2e48cb3_9da0_42cd_8464_4a54ce198ad0, "Dynamics 365 for Supply Chain Management"),
    product(0xf30db892_07e9_47e9_837c_80727f46fd3d, "Microsoft Power Automate Free"),
    product(0xf8a1db68_be16_40ed_86d5_cb42ce701560, "Power BI Pro"),
    product(0xf8ced641_8e17_4dc5_b014_f5a2d53f6ac8, "Office 365 E1 (no Teams)"),
    product(0xf991cecc_3f91_4cd0_a9a8_bf1c8167e029, "Dynamics 365 Business Central Premium"),
    product(0xfde42873_30b6_436b_b361_21af5a6b84ae, "Microsoft Teams Essentials"),
];
